//! What a panic says: that it is our bug.

use std::panic::PanicHookInfo;

use crate::base::text::sanitize;

/// Makes panics say that they are Tallybook's fault, and ask for a report. The process ends with 101.
#[expect(
    clippy::print_stderr,
    reason = "a panic can't count on the terminal output's state"
)]
pub(super) fn report_panics() {
    std::panic::set_hook(Box::new(|info| eprintln!("{}", sanitize(&report(info)))));
}

fn report(info: &PanicHookInfo<'_>) -> String {
    let place = info.location().map_or_else(String::new, |l| {
        format!(" at {}:{}:{}", l.file(), l.line(), l.column())
    });
    let payload = info.payload();
    let owned = || payload.downcast_ref::<String>().map(String::as_str);
    let message = payload.downcast_ref::<&str>().copied().or_else(owned);
    let message = message.unwrap_or("no message");
    format!(
        "error: this is a bug in Tallybook {}: {message}{place}\n\
         hint: please report it with this text, the command you ran and, if you can, the files",
        env!("CARGO_PKG_VERSION"),
    )
}
