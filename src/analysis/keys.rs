//! The digests that tell tests, parameters and attempts apart.
//!
//! *Attempt key*, inside a launch: identity + name + parameters + the shard's environment + job.
//! The name counts because adapters' identities collide. *Track key*, across launches: see
//! [`tracks`](super::tracks).

use crate::base::Digest;
use crate::base::hash::digest_fields;
use crate::model::{DeclaredVariable, Environment, OrderedMap, Parameter, TestResult};

/// Returns the digest of a test's identity: the first 16 hex digits of its SHA-256.
pub fn test_digest(result: &TestResult) -> String {
    Digest::of(result.identity().as_bytes()).short()
}

/// Returns the digest of the parameters that count, and of the occurrence number: 16 hex digits,
/// or an empty text where there are none. Excluded parameters don't count; order doesn't either;
/// of masked and hidden ones only the digest is known.
pub fn params_digest(parameters: &[Parameter], occurrence: Option<u32>) -> String {
    let counted = Parameter::counted(parameters);
    let occurrence = occurrence.map(|n| n.to_string());
    if counted.is_empty() && occurrence.is_none() {
        return String::new();
    }
    let fields = counted.into_iter().flat_map(|(name, value)| [name, value]);
    digest_fields(fields.chain(occurrence.as_deref())).short()
}

/// Returns the digest of a name, used where results share all else.
pub fn name_digest(name: &str) -> String {
    Digest::of(name.as_bytes()).short()
}

/// Returns the attempt key of a result in a shard.
pub fn attempt_key(
    result: &TestResult,
    params: &str,
    environment: &Environment,
    job: &str,
) -> Digest {
    let mut variables: Vec<(&str, &str)> = environment
        .iter()
        .map(|(name, value)| (name, value.as_str()))
        .collect();
    variables.sort_unstable();
    let variables = variables
        .into_iter()
        .flat_map(|(name, value)| [name, value]);
    digest_fields(
        [result.identity(), &result.name, params, job]
            .into_iter()
            .chain(variables),
    )
}

/// Returns the values of the declared variables, defaults filled in, as one text that tells
/// environments apart; a variable that is neither given nor has a default is left out.
pub fn declared_environment(
    declared: &OrderedMap<DeclaredVariable>,
    environment: &Environment,
) -> String {
    let mut parts: Vec<String> = declared
        .iter()
        .filter_map(|(name, _)| {
            let value = declared_value(declared, environment, name)?;
            Some(format!("{name}={value}"))
        })
        .collect();
    parts.sort_unstable();
    parts.join("\n")
}

/// Returns the value of a declared variable, its default where an environment has none.
pub fn declared_value<'a>(
    declared: &'a OrderedMap<DeclaredVariable>,
    environment: &'a Environment,
    name: &str,
) -> Option<&'a str> {
    let default = || declared.get(name)?.default.as_ref();
    let value = environment.get(name).or_else(default)?;
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameter(name: &str, value: &str) -> Parameter {
        Parameter {
            name: name.into(),
            value: Some(value.into()),
            ..Parameter::default()
        }
    }

    #[test]
    fn parameters_count_without_order() {
        let (a, b) = (parameter("a", "1"), parameter("b", "2"));
        let both = params_digest(&[a.clone(), b.clone()], None);
        assert_eq!(both, params_digest(&[b.clone(), a.clone()], None));
        assert_eq!(
            both,
            params_digest(&[b.clone(), a.clone(), a.clone()], None)
        );
        assert_ne!(both, params_digest(std::slice::from_ref(&a), None));
        let excluded = Parameter {
            excluded: true,
            ..b
        };
        assert_eq!(
            params_digest(std::slice::from_ref(&a), None),
            params_digest(&[a.clone(), excluded.clone()], None)
        );
        assert_eq!(params_digest(&[excluded], None), "");
        assert_ne!(
            params_digest(std::slice::from_ref(&a), None),
            params_digest(&[a], Some(2))
        );
    }

    #[test]
    fn an_empty_identity_falls_back() {
        let result = TestResult {
            test_case_id: Some(String::new()),
            full_name: Some("a.b".into()),
            name: "b".into(),
            ..TestResult::default()
        };
        assert_eq!(result.identity(), "a.b");
    }

    #[test]
    fn declared_variables_have_defaults() {
        let declared = [
            ("os".to_owned(), DeclaredVariable { default: None }),
            (
                "browser".to_owned(),
                DeclaredVariable {
                    default: Some("chrome".into()),
                },
            ),
        ];
        let declared = declared.into_iter().collect();
        let environment = [
            ("os".to_owned(), "linux".to_owned()),
            ("x".into(), "y".into()),
        ];
        let text = declared_environment(&declared, &environment.into_iter().collect());
        assert_eq!(text, "browser=chrome\nos=linux");
    }
}
