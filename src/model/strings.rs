//! Maps that keep the order of their keys and refuse a key given twice.

use std::collections::HashSet;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, Deserialize, Deserializer, MapAccess};
use serde::ser::{Serialize, SerializeMap as _, Serializer};

/// Keys that are compared one by one.
const FEW: usize = 32;

/// A map in the order in which keys were first set. Reading a key twice is an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderedMap<V>(Vec<(String, V)>);

/// Labels by name: names in the order of first appearance, values in order, repeats kept.
pub type Labels = OrderedMap<Vec<String>>;

impl<V> Default for OrderedMap<V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<V> OrderedMap<V> {
    pub fn get(&self, key: &str) -> Option<&V> {
        self.0.iter().find(|(k, _)| k == key).map(|(_, v)| v)
    }

    pub fn contains_key(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Sets a key, in its old place where it was set before.
    pub fn insert(&mut self, key: impl Into<String>, value: V) {
        let key = key.into();
        match self.0.iter_mut().find(|(k, _)| *k == key) {
            Some((_, old)) => *old = value,
            None => self.0.push((key, value)),
        }
    }

    pub fn remove(&mut self, key: &str) -> Option<V> {
        let at = self.0.iter().position(|(k, _)| k == key)?;
        Some(self.0.remove(at).1)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &V)> {
        self.0.iter().map(|(k, v)| (k.as_str(), v))
    }

    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(k, _)| k.as_str())
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Labels {
    /// Adds one value to a label.
    pub fn add(&mut self, name: &str, value: impl Into<String>) {
        match self.0.iter_mut().find(|(k, _)| k == name) {
            Some((_, values)) => values.push(value.into()),
            None => self.0.push((name.to_owned(), vec![value.into()])),
        }
    }

    /// Visits every name and value, and takes them as they are then; values of names that became equal
    /// come together.
    pub fn each_text(&mut self, mut visit: impl FnMut(&mut String)) {
        let mut renamed = false;
        for (name, values) in &mut self.0 {
            let before = name.clone();
            visit(name);
            renamed |= *name != before;
            values.iter_mut().for_each(&mut visit);
        }
        if renamed {
            for (name, values) in std::mem::take(&mut self.0) {
                match self.0.iter_mut().find(|(k, _)| *k == name) {
                    Some((_, all)) => all.extend(values),
                    None => self.0.push((name, values)),
                }
            }
        }
    }

    /// Returns a label's first value.
    pub fn first(&self, name: &str) -> Option<&str> {
        self.get(name)?.first().map(String::as_str)
    }

    /// Returns a label's values, none where it isn't there.
    pub fn all(&self, name: &str) -> &[String] {
        self.get(name).map_or(&[], Vec::as_slice)
    }
}

impl<V> FromIterator<(String, V)> for OrderedMap<V> {
    fn from_iter<I: IntoIterator<Item = (String, V)>>(items: I) -> Self {
        let mut map = Self::default();
        for (key, value) in items {
            map.insert(key, value);
        }
        map
    }
}

impl<V: schemars::JsonSchema> schemars::JsonSchema for OrderedMap<V> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("OrderedMap_of_{}", V::schema_name()).into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let value = generator.subschema_for::<V>();
        schemars::json_schema!({"type": "object", "additionalProperties": value})
    }
}

impl<V: Serialize> Serialize for OrderedMap<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for OrderedMap<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor<V>(PhantomData<V>);
        impl<'de, V: Deserialize<'de>> de::Visitor<'de> for Visitor<V> {
            type Value = OrderedMap<V>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map such as `{browser: chrome}`")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
                let mut map: Vec<(String, V)> = Vec::new();
                // Most maps are small; the keys of others are looked up.
                let mut many: HashSet<String> = HashSet::new();
                while let Some((key, value)) = access.next_entry::<String, V>()? {
                    if map.len() == FEW {
                        many.extend(map.iter().map(|(k, _)| k.clone()));
                    }
                    let is_known = match map.len() < FEW {
                        true => map.iter().any(|(k, _)| *k == key),
                        false => !many.insert(key.clone()),
                    };
                    if is_known {
                        return Err(de::Error::custom(format!("duplicate key `{key}`")));
                    }
                    map.push((key, value));
                }
                Ok(OrderedMap(map))
            }
            fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
                Ok(OrderedMap::default())
            }
        }
        deserializer.deserialize_map(Visitor(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeat_among_many_is_refused() {
        let keys = |n: usize| (0..n).map(|i| format!("\"k{i}\":1")).collect::<Vec<_>>();
        for n in [FEW - 1, FEW, FEW + 1, 50_000] {
            let text = |keys: &[String]| format!("{{{}}}", keys.join(","));
            let mut keys = keys(n);
            let map: OrderedMap<u8> = serde_json::from_str(&text(&keys)).expect("valid");
            assert_eq!(map.len(), n);
            for repeat in [0, n - 1] {
                keys.push(keys[repeat].clone());
                let read = serde_json::from_str::<OrderedMap<u8>>(&text(&keys));
                assert!(read.is_err(), "{n} {repeat}");
                keys.pop();
            }
        }
    }

    #[test]
    fn order_is_kept_and_repeats_refused() {
        let labels: Labels =
            serde_json::from_str(r#"{"tag":["b","a"],"epic":["x"]}"#).expect("valid");
        assert_eq!(labels.keys().collect::<Vec<_>>(), ["tag", "epic"]);
        assert_eq!(labels.first("tag"), Some("b"));
        assert_eq!(
            serde_json::to_string(&labels).expect("writes"),
            r#"{"tag":["b","a"],"epic":["x"]}"#
        );
        let twice = serde_json::from_str::<Labels>(r#"{"tag":[],"tag":[]}"#);
        assert!(
            twice
                .expect_err("refused")
                .to_string()
                .contains("duplicate key `tag`")
        );
    }
}
