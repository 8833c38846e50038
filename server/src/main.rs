//! Arguments → settings → telemetry → command.

use std::process::ExitCode;

/// The system's allocator gives memory back late and makes threads wait for each other.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    claviger::cli::main()
}
