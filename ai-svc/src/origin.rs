//! Where an answer came from.

/// Tells measured answers of a model from those of the rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Name of the model.
    Model(String),
    /// Why no model answered, as in `no_provider`.
    Rules(&'static str),
}

impl Origin {
    /// Says that a model answered.
    #[must_use]
    pub fn model(name: &str) -> Self {
        Self::Model(name.to_owned())
    }

    /// Says that rules answered, and why.
    #[must_use]
    pub fn rules(why: &'static str) -> Self {
        Self::Rules(why)
    }
}
