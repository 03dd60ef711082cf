//! Pages that stand alone: styles and scripts are in them, and the policy names them by their digests, so that nothing
//! else runs and nothing is asked for.

use base64ct::{Base64, Encoding as _};

use super::view::Inline;
use crate::base::Digest;

/// What the styles have before this is what every page begins with: colours, letters and margins.
const BASIS_ENDS: &str = "/* The colours and shapes of statuses. */";

/// Returns what such a page has: styles, the script that runs before anything is drawn, and the one at its end.
pub(crate) fn inline(css: &str, head_js: &str, body_js: &str) -> Inline {
    let (basis, css) = css.split_at(css.find(BASIS_ENDS).unwrap_or_default());
    Inline {
        policy: format!(
            "default-src 'none'; script-src {} {}; style-src {} {}; img-src data:; base-uri 'none'; form-action 'none'",
            allowed(head_js),
            allowed(body_js),
            allowed(basis),
            allowed(css)
        ),
        basis_css: basis.to_owned(),
        css: css.to_owned(),
        head_js: head_js.to_owned(),
        body_js: body_js.to_owned(),
    }
}

fn allowed(text: &str) -> String {
    let digest = Base64::encode_string(Digest::of(text.as_bytes()).as_bytes());
    format!("'sha256-{digest}'")
}
