//! One rich brief at every receiver, hostile text, and limits with any input.

mod ci;
mod given;
mod markdown;
mod terminal;
