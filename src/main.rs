//! The program: arguments in, exit code out.

use std::{
    io::{IsTerminal, stderr, stdout},
    process::ExitCode,
};

use sigscope::cli::{Console, begin_log, run};

fn main() -> ExitCode {
    let (mut out, mut err) = (stdout(), stderr());
    begin_log(&mut err);
    let terminal = out.is_terminal();
    let mut console = Console { out: &mut out, err: &mut err, terminal };
    ExitCode::from(run(std::env::args_os(), &mut console))
}
