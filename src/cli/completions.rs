//! `logscan completions`: what a shell needs to complete a command line.

use clap::{Args, CommandFactory};
use clap_complete::Shell;
use logscan::error::Result;

use super::{Cli, Outcome, output};

/// What `logscan completions` was asked for.
#[derive(Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

/// Prints the completions.
///
/// # Errors
///
/// When standard output cannot be written.
pub fn run(args: CompletionsArgs) -> Result<Outcome> {
    // clap_complete panics when its writer fails, and a closed pipe is no reason to.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "logscan", &mut script);
    output::to_stdout(&mut |out| out.write_all(&script))?;
    Ok(Outcome::Fine)
}
