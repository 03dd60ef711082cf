//! A launch told to people elsewhere: pull requests, chats, mail, terminals.
//!
//! [`Report`] says everything once; each renderer shows as much of it as its receiver takes, the most
//! important first, and says exactly how many it left out. Rendering is pure: the same report gives the
//! same bytes.
//!
//! **Invariant:** what comes from results, from CI and from files is inert at the receiver: no markup, no
//! mention, no link and no header is made of it. Text is sanitised, then cut, then escaped, so that no
//! escape is ever cut.

mod badge;
mod data;
mod feed;
mod mail;
mod markdown;
mod metrics;
mod slack;
mod teams;
mod terminal;
#[cfg(test)]
mod tests;
mod words;

pub use badge::Badge;
pub use data::{
    Against, Class, Classes, FailedRule, Failing, GateSection, Job, LaunchRef, OnlyIn, Rates,
    Report, Resolution, Share, StillFailing, Subject, Test, Tests, Usual, WebLink,
};
pub use feed::{Entry, Feed};
pub use mail::mail;
pub use markdown::{comment, marker, summary};
pub use metrics::{Measured, metrics};
pub use slack::slack;
pub use teams::teams;
pub use terminal::terminal;
