//! What pages are made of. Look and words of a thing that stands on two pages live here, once.
//!
//! | component | use |
//! |---|---|
//! | [`Stage`], [`Panel`] | one calm column: sign-in, consent, refusals |
//! | [`dashboard::Dashboard`] | frame of the signed-in pages (a parent route: pages don't name it) |
//! | [`PageHead`] | title, sentence, actions of a dashboard page; sets the document's title; `crumbs` |
//! | [`Card`] | surface with heading and actions; `flush` for tables |
//! | [`Button`], [`LinkButton`] | `look`: `ButtonVariant::Plain`, `Primary`, `Danger`, `Quiet`; `small`, `wide`, `busy` |
//! | [`Field`], [`TextArea`], [`Select`], [`Check`] | label, control, hint, errors beside it |
//! | [`Chip`], [`Note`], [`Tile`], [`Avatar`] | small marks; `tone`: `Tone::Plain`, `Good`, `Bad`, `Warn` |
//! | [`Copy()`] | button that copies a value; [`CopyValue`]: the value beside it |
//! | [`ProblemNote`] | a failure of the API with the way to its rule |
//! | [`Dialog`], [`Confirm`] | native `<dialog>`; `Confirm` asks before something that can't be undone |
//! | [`Tabs`] | links of one page's parts, `aria-current` on the open one |
//! | [`Loading`], [`Empty`] | states of a list that is not there yet, or has nothing in it |
//! | [`Log`], [`When`], [`Day`] | card of records that can be refreshed; when one was |
//! | [`rows::Rows`] | list of addresses, one input a row, checked while it is typed |
//! | [`diff::Diff`] | two strings, what differs marked and said |
//! | [`reactive()`] | a part of a page that changes: `{reactive(move || …)}`, never a bare closure |
//! | [`ApiResource`] | data of the API: loads in the browser, `view` shows loading, failure or the data |
//! | [`FormAction`] | sending a form: `busy`, `problem`, errors by field |
//!
//! To add one: a file here, its CSS in `style/` (every file there is taken), a line in this table.

pub mod dashboard;
pub mod diff;
pub mod rows;

pub mod badges;
pub mod button;
pub mod card;
pub mod copy;
pub mod dialog;
pub mod field;
pub mod load;
pub mod log;
pub mod mark;
pub mod problem;
pub mod reactive;
pub mod stage;
pub mod submit;
pub mod tabs;

pub use badges::{Avatar, Chip, NoTile, Note, Tile, Tone};
pub use button::{Button, ButtonVariant, LinkButton};
pub use card::{Card, HeadingSeen, PageHead};
pub use copy::{Copy, CopyValue};
pub use dialog::{Confirm, Dialog};
pub use field::{Check, Errors, Field, Select, TextArea};
pub use load::{ApiResource, Empty, Loading};
pub use log::{Day, Log, When};
pub use mark::Mark;
pub use problem::ProblemNote;
pub use reactive::reactive;
pub use stage::{Panel, Stage};
pub use submit::FormAction;
pub use tabs::{Tab, Tabs};
