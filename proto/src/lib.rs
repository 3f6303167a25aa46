//! The contract between the services: messages, clients and servers, generated from `ai_english/`.

/// Every message and service, for gRPC reflection.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptor.bin"));

/// Accounts, sessions, organizations.
pub mod auth {
    pub mod v1 {
        tonic::include_proto!("ai_english.auth.v1");
    }
}

/// Classes, students, mistakes, reviews.
pub mod learning {
    pub mod v1 {
        tonic::include_proto!("ai_english.learning.v1");
    }
}

/// Analysis, text checks, embeddings, models.
pub mod ai {
    pub mod v1 {
        tonic::include_proto!("ai_english.ai.v1");
    }
}

/// Documents made in the background.
pub mod export {
    pub mod v1 {
        tonic::include_proto!("ai_english.export.v1");
    }
}
