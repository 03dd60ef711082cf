//! What templates may call: texts and traces, whether a column says anything, and where long names break.

use tera::{Kwargs, State, Tera, TeraResult, Value};

use super::{texts, trace};
use crate::base::text::escaped;

/// Gives templates all that they may call.
pub(crate) fn register(tera: &mut Tera) {
    tera.register_function("text", texts::function());
    tera.register_function("trace", trace::function());
    tera.register_function("any", Any);
    tera.register_function("breaks", Breaks);
}

/// The function `any` of templates: whether one of the rows `of` a list has something at the key `has`. A column that
/// no row fills takes no place.
#[derive(Clone, Copy, Debug)]
struct Any;

impl tera::Function<TeraResult<Value>> for Any {
    fn call(&self, kwargs: Kwargs, _: &State<'_>) -> TeraResult<Value> {
        let rows = kwargs.must_get::<&Value>("of")?;
        let key = kwargs.must_get::<&str>("has")?;
        let rows = rows.as_array().unwrap_or_default();
        let says = |row: &Value| row.get_from_path(key).is_some_and(Value::is_truthy);
        Ok(Value::from(rows.iter().any(says)))
    }
}

/// The function `breaks` of templates: a `text` of names as markup, in which lines end between its parts before they end
/// within one.
#[derive(Clone, Copy, Debug)]
struct Breaks;

impl tera::Function<TeraResult<Value>> for Breaks {
    fn call(&self, kwargs: Kwargs, _: &State<'_>) -> TeraResult<Value> {
        Ok(Value::safe_string(&breaks(
            kwargs.must_get::<&str>("text")?,
        )))
    }

    fn is_safe(&self) -> bool {
        true
    }
}

/// Writes a text as markup that may break after what parts names: `/`, `::`, `=` and the like.
fn breaks(text: &str) -> String {
    let mut out = String::new();
    let mut part = String::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        part.push(letter);
        let parts = |c: char| "/\\:=,;|&?#_.[(".contains(c);
        // A run of them stays whole, and so does what begins or ends with one.
        let ends = parts(letter) && { letters.peek() }.is_some_and(|next| match letter {
            '.' | ',' => next.is_alphabetic(),
            _ => next.is_alphanumeric(),
        });
        if ends && part.chars().any(char::is_alphanumeric) {
            out.push_str(&escaped(&part));
            out.push_str("<wbr>");
            part.clear();
        }
    }
    out.push_str(&escaped(&part));
    out
}

#[cfg(test)]
mod tests {
    use super::breaks;

    #[test]
    fn names_break_between_their_parts() {
        assert_eq!(breaks("a::b"), "a::<wbr>b");
        assert_eq!(
            breaks("tests/api/cart_test.py"),
            "tests/<wbr>api/<wbr>cart_<wbr>test.<wbr>py"
        );
        assert_eq!(breaks("status = failed"), "status = failed");
        assert_eq!(breaks("browser=chrome"), "browser=<wbr>chrome");
        assert_eq!(breaks("**/x"), "**/x");
        assert_eq!(breaks("v1.5.rc"), "v1.5.<wbr>rc");
        assert_eq!(breaks("/x/y/"), "/x/<wbr>y/");
        assert_eq!(breaks("accents[größe]"), "accents[<wbr>größe]");
        assert_eq!(breaks("a/<b>&c"), "a/&lt;b&gt;&amp;<wbr>c");
    }
}
