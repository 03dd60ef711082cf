//! `tallybook explain`: what a finding's code means.

use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::ui::Ui;
use crate::validate;

/// Explain a code that `validate` reports
///
/// Prints what the rule checks, why it matters, an example and its fix. Without a code, lists all
/// rules.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook explain TB0160
  tallybook explain duplicate-id
  tallybook explain")]
pub(crate) struct ExplainArgs {
    /// A code such as TB0160, or a rule's name
    #[arg(value_name = "CODE")]
    code: Option<String>,
}

pub(crate) fn run(ui: &mut Ui, _ctx: &Context, args: &ExplainArgs) -> Result<Exit, CommandError> {
    let Some(asked) = &args.code else {
        for page in validate::pages() {
            ui.out(format!("{}  {}", page.code.id, page.code.name));
        }
        ui.hint("`tallybook explain CODE` prints one rule's page");
        return Ok(Exit::Fine);
    };
    match validate::find_page(asked) {
        Ok(page) => {
            ui.out(page.text().trim_end());
            Ok(Exit::Fine)
        }
        Err(closest) => {
            let error = CommandError::usage(format!("no rule has the code or name `{asked}`"));
            Err(match closest {
                Some(code) => error.hint(format!("did you mean `tallybook explain {code}`?")),
                None => error.hint("`tallybook explain` lists all rules"),
            })
        }
    }
}
