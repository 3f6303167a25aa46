//! The description of the API, read off the mounted routes.

use std::collections::{BTreeMap, BTreeSet};

use utoipa::{
    OpenApi as _, ToSchema as _,
    openapi::{
        Content, OpenApi, Ref, RefOr, ResponseBuilder,
        path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem},
        schema::{AdditionalProperties, ArrayItems, Components, ObjectBuilder, Schema, Type},
        security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};

use crate::{
    app,
    http::problem::{FieldError, Problem},
    session::is_stream,
    view::{MistakeOrder, ProgressStep, StudentOrder},
};

/// Operations that honour `Idempotency-Key`: those whose repetition would create something twice, or
/// answer otherwise.
const CREATING: [&str; 15] = [
    "register",
    "join_organization",
    "request_password_reset",
    "create_users",
    "create_invitation",
    "create_class",
    "create_roster_import",
    "take_first_passwords",
    "renew_join_code",
    "enroll_students",
    "end_enrollment",
    "create_mistake_import",
    "create_mistake",
    "create_mistakes",
    "create_task",
];

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "AI English Teaching System",
        description = "HTTP API of the gateway. Errors are RFC 9457 problems with a stable `code`.",
        license(name = "MIT", identifier = "MIT")
    ),
    components(schemas(Problem, FieldError, MistakeOrder, StudentOrder, ProgressStep))
)]
struct Document;

/// Returns the description of the API.
#[must_use]
pub fn document() -> OpenApi {
    let mut document = app::described(Document::openapi());
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    name_items(components);
    let answers = components.schemas.iter_mut().filter(|(name, _)| **name != Problem::name());
    answers.for_each(|(_, schema)| state_all(schema));
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            if let Some(operation) = operation {
                complete(method, operation);
                if is_stream(path) {
                    operation.parameters.get_or_insert_default().push(RefOr::T(token()));
                }
            }
        }
    }
    document
}

/// Returns the description as it is committed and printed.
pub fn document_text() -> anyhow::Result<String> {
    Ok(document().to_pretty_json()?)
}

/// Gives the entries of pages the name of their type, where utoipa writes them out.
fn name_items(components: &mut Components) {
    let mut named = BTreeMap::new();
    for (page, schema) in &mut components.schemas {
        let (Some(name), RefOr::T(Schema::Object(object))) = (page.strip_prefix("Page_"), schema)
        else {
            continue;
        };
        if let Some(RefOr::T(Schema::Array(array))) = object.properties.get_mut("items") {
            let place = RefOr::Ref(Ref::from_schema_name(name));
            let items =
                std::mem::replace(&mut array.items, ArrayItems::RefOrSchema(Box::new(place)));
            if let ArrayItems::RefOrSchema(items) = items {
                named.insert(name.to_owned(), *items);
            }
        }
    }
    for (name, schema) in named {
        components.schemas.entry(name).or_insert(schema);
    }
}

/// Says that every property of an answer is there: what is absent is null. Input is told from
/// answers by refusing unknown fields.
fn state_all(schema: &mut RefOr<Schema>) {
    match schema {
        RefOr::T(Schema::Object(object)) => {
            let refuses = object.additional_properties.as_deref();
            if !matches!(refuses, Some(AdditionalProperties::FreeForm(false))) {
                object.required = object.properties.keys().cloned().collect();
            }
        }
        RefOr::T(Schema::AllOf(all)) => all.items.iter_mut().for_each(state_all),
        RefOr::Ref(_) | RefOr::T(_) => {}
    }
}

/// Adds what holds for every operation: problems, the key of repeatable calls, and the token
/// unless the operation is public.
fn complete(method: &str, operation: &mut Operation) {
    let creates = |name: &String| CREATING.contains(&name.as_str());
    if method == "POST" && operation.operation_id.as_ref().is_some_and(creates) {
        let key = ParameterBuilder::new()
            .name("Idempotency-Key")
            .parameter_in(ParameterIn::Header)
            .description(Some("Chosen by the client: the same call with the same key acts once."))
            .schema(Some(ObjectBuilder::new().schema_type(Type::String).build()))
            .build();
        operation.parameters.get_or_insert_default().push(RefOr::T(key));
    }
    let problem = ResponseBuilder::new()
        .description("Refused or failed")
        .content(
            "application/problem+json",
            Content::new(Some(RefOr::Ref(Ref::from_schema_name(Problem::name())))),
        )
        .build();
    operation.responses.responses.entry("default".to_owned()).or_insert(RefOr::T(problem));
    if operation.security.is_none() {
        operation.security = Some(vec![SecurityRequirement::new("bearer", [""; 0])]);
    }
}

/// Describes the access token in the address of a stream.
fn token() -> Parameter {
    ParameterBuilder::new()
        .name("access_token")
        .parameter_in(ParameterIn::Query)
        .description(Some("The access token, where no header can be set."))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String).build()))
        .build()
}

fn operations(item: &mut PathItem) -> [(&'static str, &mut Option<Operation>); 5] {
    [
        ("GET", &mut item.get),
        ("POST", &mut item.post),
        ("PUT", &mut item.put),
        ("PATCH", &mut item.patch),
        ("DELETE", &mut item.delete),
    ]
}

/// Which methods each path of the API has.
#[derive(Debug, Default)]
pub struct Routes {
    methods: BTreeMap<String, Vec<&'static str>>,
    /// Methods and paths that read something in the query.
    asking: BTreeSet<(&'static str, String)>,
    /// Methods and paths that read a body.
    with_body: BTreeSet<(&'static str, String)>,
}

impl Routes {
    /// Reads the routes out of the description.
    #[must_use]
    pub fn of(document: &OpenApi) -> Self {
        let mut routes = Self::default();
        for (path, mut item) in document.paths.paths.clone() {
            for (method, operation) in operations(&mut item) {
                let Some(operation) = operation else { continue };
                routes.methods.entry(path.clone()).or_default().push(method);
                let mut parameters = operation.parameters.iter().flatten();
                if parameters.any(is_query) {
                    routes.asking.insert((method, path.clone()));
                }
                if operation.request_body.is_some() {
                    routes.with_body.insert((method, path.clone()));
                }
            }
        }
        routes
    }

    /// Returns every path with its methods.
    #[must_use]
    pub fn all(&self) -> &BTreeMap<String, Vec<&'static str>> {
        &self.methods
    }

    /// Returns the methods that a requested path answers to; HEAD wherever GET is.
    #[must_use]
    pub fn methods(&self, path: &str) -> Vec<&'static str> {
        let matching = self.methods.iter().filter(|(pattern, _)| matches(pattern, path));
        let mut methods: Vec<_> = matching.flat_map(|(_, methods)| methods).copied().collect();
        if methods.contains(&"GET") {
            methods.push("HEAD");
        }
        methods.sort_unstable();
        methods.dedup();
        methods
    }

    /// Tells whether a call reads nothing in the query.
    #[must_use]
    pub fn asks_nothing(&self, method: &str, path: &str) -> bool {
        let method = if method == "HEAD" { "GET" } else { method };
        self.has_without(&self.asking, method, path)
    }

    /// Tells whether a call reads no body.
    #[must_use]
    pub fn takes_no_body(&self, method: &str, path: &str) -> bool {
        self.has_without(&self.with_body, method, path)
    }

    /// Tells whether there is such a call, and it is none of `others`.
    fn has_without(
        &self,
        others: &BTreeSet<(&'static str, String)>,
        method: &str,
        path: &str,
    ) -> bool {
        // Most calls that are asked about are of these.
        let mut others = others.iter().filter(|(other, _)| *other == method);
        !others.any(|(_, pattern)| matches(pattern, path)) && self.methods(path).contains(&method)
    }
}

fn is_query(parameter: &RefOr<Parameter>) -> bool {
    matches!(parameter, RefOr::T(Parameter { parameter_in: ParameterIn::Query, .. }))
}

fn matches(pattern: &str, path: &str) -> bool {
    let (mut pattern, mut path) = (pattern.split('/'), path.split('/'));
    loop {
        match (pattern.next(), path.next()) {
            (None, None) => return true,
            (Some(wanted), Some(part)) => {
                let is_variable = wanted.starts_with('{') && !part.is_empty();
                if !is_variable && wanted != part {
                    return false;
                }
            }
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines of the table in ACCESS.md by their cells: method, path, answers. Some say more of an
    /// operation: what is answered to a field, which stands after the path.
    fn lines() -> Vec<Vec<&'static str>> {
        let lines = include_str!("../ACCESS.md").lines();
        let rows = lines.filter_map(|line| {
            let cells: Vec<_> = line.strip_prefix("| ")?.split('|').map(str::trim).collect();
            cells.get(1)?.starts_with('/').then_some(cells)
        });
        rows.collect()
    }

    #[test]
    fn the_table_of_access_lists_every_operation_once() {
        let lines = lines();
        let whole = lines.iter().filter(|cells| !cells[1].contains(' '));
        let mut listed: Vec<_> = whole.map(|cells| format!("{} {}", cells[0], cells[1])).collect();
        listed.sort_unstable();
        let routes = Routes::of(&document());
        let operations = routes.all().iter().flat_map(|(path, methods)| {
            let path = path.trim_start_matches("/api/v1");
            methods.iter().map(move |method| format!("{method} {path}"))
        });
        let mut operations: Vec<_> = operations.collect();
        operations.sort_unstable();
        assert_eq!(listed, operations);
    }

    #[test]
    fn public_operations_are_those_that_the_table_says() {
        let document = document();
        for cells in lines() {
            let path = cells[1].split(' ').next().unwrap();
            let mut item = document.paths.paths[&format!("/api/v1{path}")].clone();
            let operation =
                operations(&mut item).into_iter().find(|(method, _)| *method == cells[0]);
            let security = operation.unwrap().1.clone().unwrap().security.unwrap();
            let is_public = security.contains(&SecurityRequirement::default());
            assert_eq!(is_public, cells[2] != "401", "{cells:?}");
        }
    }

    #[test]
    fn operations_that_honour_a_key_are_there() {
        let text = document_text().unwrap();
        for name in CREATING {
            assert!(text.contains(&format!("\"operationId\": \"{name}\"")), "{name}");
        }
    }

    #[test]
    fn properties_of_answers_are_stated_and_those_of_input_are_not() {
        let text = document_text().unwrap();
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        let schemas = &document["components"]["schemas"];
        let mistake = &schemas["Mistake"];
        let properties = mistake["properties"].as_object().unwrap();
        assert_eq!(mistake["required"].as_array().unwrap().len(), properties.len());
        assert_eq!(schemas["NewClass"]["required"], serde_json::json!(["name"]));
        let items = &schemas["Page_Mistake"]["properties"]["items"]["items"];
        assert_eq!(items["$ref"], "#/components/schemas/Mistake");
    }

    #[test]
    fn what_is_referred_to_is_there() {
        let text = document_text().unwrap();
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        for part in text.split("\"$ref\": \"#").skip(1) {
            let place = part.split('"').next().unwrap();
            assert!(document.pointer(place).is_some(), "{place}");
        }
    }

    #[test]
    fn what_is_always_sent_is_never_null() {
        let text = document_text().unwrap();
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        let always = ["id", "role", "status", "type", "kind", "format", "created_at", "updated_at"];
        for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
            let input = schema["additionalProperties"] == false;
            let properties = schema["properties"].as_object().into_iter().flatten();
            for (property, schema) in properties.filter(|_| !input) {
                let text = schema.to_string();
                let is_sent = !text.contains("null") || !always.contains(&property.as_str());
                assert!(is_sent, "{name}.{property}: {text}");
            }
        }
    }

    #[test]
    fn committed_openapi_matches_the_routes() {
        let fresh = document_text().expect("serializes");
        let committed = include_str!("../openapi.json");
        // Only the first difference: the whole documents would bury it.
        let mut lines = fresh.lines().zip(committed.lines());
        assert_eq!(lines.find(|(fresh, old)| fresh != old), None, "run `make openapi`");
        assert_eq!(fresh.len(), committed.trim_end().len(), "run `make openapi`");
    }
}
