//! A file that is written piece by piece.

use std::{io, mem};

use kit::error::Chain;
use object_store::{MultipartUpload, PutPayload};
use tokio::runtime::Handle;

/// What is sent at once; S3 wants at least 5 MiB.
const PART: usize = 8 << 20;

/// Written from a thread that may wait; nothing appears in the store before it is finished.
#[derive(Debug)]
pub struct Upload {
    parts: Box<dyn MultipartUpload>,
    part: Vec<u8>,
    runtime: Handle,
}

impl Upload {
    pub(super) fn new(upload: Box<dyn MultipartUpload>) -> Self {
        Self { parts: upload, part: Vec::new(), runtime: Handle::current() }
    }

    /// Puts the file in its place.
    pub fn finish(&mut self) -> io::Result<()> {
        self.send()?;
        self.runtime.block_on(self.parts.complete())?;
        Ok(())
    }

    /// Deletes what was sent.
    pub fn abort(&mut self) {
        if let Err(error) = self.runtime.block_on(self.parts.abort()) {
            tracing::warn!(error = %Chain(&error), "parts of a file stay behind");
        }
    }

    fn send(&mut self) -> io::Result<()> {
        let part = PutPayload::from(mem::take(&mut self.part));
        self.runtime.block_on(self.parts.put_part(part))?;
        Ok(())
    }
}

impl io::Write for Upload {
    fn write(&mut self, content: &[u8]) -> io::Result<usize> {
        self.part.extend_from_slice(content);
        if self.part.len() >= PART {
            self.send()?;
        }
        Ok(content.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
