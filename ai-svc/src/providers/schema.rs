//! The part of JSON Schema that structured answers use.

use serde_json::Value;

/// Form of a structured answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Schema {
    /// Letters, digits and underscores.
    pub name: String,
    pub value: Value,
}

impl Schema {
    /// Tells whether `answer` has this form: types, required properties, items, listed values and
    /// numbers of items are looked at, everything else is let through.
    #[must_use]
    pub fn accepts(&self, answer: &Value) -> bool {
        accepts(&self.value, answer)
    }

    /// Reads an answer that may stand in a fence of Markdown or between other words.
    #[must_use]
    pub fn read(text: &str) -> Option<Value> {
        if let Ok(value) = serde_json::from_str(text.trim()) {
            return Some(value);
        }
        let start = text.find(['{', '['])?;
        let mut values = serde_json::Deserializer::from_str(&text[start..]).into_iter::<Value>();
        values.next()?.ok()
    }
}

fn accepts(schema: &Value, value: &Value) -> bool {
    if let Some(listed) = schema["enum"].as_array()
        && !listed.contains(value)
    {
        return false;
    }
    let types = match &schema["type"] {
        Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
        Value::String(name) => vec![name.as_str()],
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Vec::new(),
    };
    if !types.is_empty() && !types.iter().any(|name| is_of(name, value)) {
        return false;
    }
    match value {
        Value::Object(fields) => {
            let required = schema["required"].as_array();
            let names = required.into_iter().flatten().filter_map(Value::as_str);
            let mut names = names;
            let closed = schema["additionalProperties"] == Value::Bool(false);
            names.all(|name| fields.contains_key(name))
                && fields.iter().all(|(name, field)| match schema["properties"].get(name) {
                    Some(schema) => accepts(schema, field),
                    None => !closed,
                })
        }
        Value::Array(items) => {
            let bound = |name: &str| schema[name].as_u64().and_then(|n| usize::try_from(n).ok());
            bound("minItems").is_none_or(|least| items.len() >= least)
                && bound("maxItems").is_none_or(|most| items.len() <= most)
                && items.iter().all(|item| accepts(&schema["items"], item))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}

fn is_of(name: &str, value: &Value) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn accepts(answer: &Value) -> bool {
        let value = json!({
            "type": "object",
            "required": ["a"],
            "additionalProperties": false,
            "properties": {
                "a": {"type": "array", "minItems": 1, "items": {"enum": ["x", "y"]}},
                "b": {"type": ["integer", "null"]},
            },
        });
        Schema { name: "s".to_owned(), value }.accepts(answer)
    }

    #[test]
    fn form_is_checked() {
        assert!(accepts(&json!({"a": ["x", "y"], "b": null})));
        assert!(!accepts(&json!({"a": ["z"]})));
        assert!(!accepts(&json!({"a": []})));
        assert!(!accepts(&json!({"b": 1})));
        assert!(!accepts(&json!({"a": ["x"], "c": 1})));
        assert!(!accepts(&json!({"a": ["x"], "b": 1.5})));
        assert!(!accepts(&json!(["a"])));
    }

    #[test]
    fn json_is_found_in_a_fence() {
        assert_eq!(Schema::read("```json\n{\"a\": 1}\n```"), Some(json!({"a": 1})));
        assert_eq!(Schema::read("Here: {\"a\": 1} ok?"), Some(json!({"a": 1})));
        assert_eq!(Schema::read("no"), None);
    }
}
