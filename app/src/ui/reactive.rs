//! What changes in a page.
//!
//! Leptos compiles everything that can be done with a view (build, hydrate, update …) for each
//! type of view, and every closure is a type. Boxed, all of them share one: it is the largest
//! single thing that keeps the SPA small.

use leptos::prelude::*;

type View = Box<dyn Fn() -> AnyView + Send>;

/// A part of a page that is made again when what it reads changes.
pub fn reactive(view: impl Fn() -> AnyView + Send + 'static) -> AnyView {
    boxed(Box::new(view))
}

fn boxed(view: View) -> AnyView {
    (move || view()).into_any()
}
