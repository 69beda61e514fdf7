//! JSON schemas of the types with hand-written serde implementations.

use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::time::UnixMillis;
use crate::wire::SessionStatus;

impl PartialSchema for UnixMillis {
    fn schema() -> RefOr<Schema> {
        let date_time = SchemaFormat::KnownFormat(KnownFormat::DateTime);
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(date_time))
            .description(Some("ISO 8601 with milliseconds, in UTC"))
            .examples(["2026-01-31T09:05:00.000Z"])
            .into()
    }
}

impl ToSchema for UnixMillis {
    fn name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }
}

impl PartialSchema for SessionStatus {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("The documented statuses. The set may grow: accept unknown values."))
            .enum_values(Some(Self::ALL.map(|status| status.as_str().to_owned())))
            .into()
    }
}

impl ToSchema for SessionStatus {}
