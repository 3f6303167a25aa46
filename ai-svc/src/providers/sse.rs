//! Server-sent events, as the HTML standard defines them.

use std::mem;

use super::Failure;

/// Longest message, so that a server cannot fill the memory.
const MAX_MESSAGE: usize = 1 << 20;

/// Puts messages together from the chunks of a body.
#[derive(Debug, Default)]
pub(super) struct Parser {
    line: Vec<u8>,
    data: String,
    has_data: bool,
    /// The chunk before ended with a carriage return, whose line feed may follow.
    after_return: bool,
}

impl Parser {
    /// Takes a chunk and returns the data of the messages that it completes.
    pub(super) fn push(&mut self, chunk: &[u8]) -> Result<Vec<String>, Failure> {
        let mut messages = Vec::new();
        for &byte in chunk {
            let after_return = mem::take(&mut self.after_return);
            match byte {
                b'\n' if after_return => {}
                b'\n' | b'\r' => {
                    self.after_return = byte == b'\r';
                    messages.extend(self.end_line());
                }
                _ => self.line.push(byte),
            }
            if self.line.len() + self.data.len() > MAX_MESSAGE {
                return Err(Failure::InvalidAnswer("message too large"));
            }
        }
        Ok(messages)
    }

    fn end_line(&mut self) -> Option<String> {
        let line = mem::take(&mut self.line);
        if line.is_empty() {
            // An empty line ends a message.
            return mem::take(&mut self.has_data).then(|| mem::take(&mut self.data));
        }
        let line = String::from_utf8_lossy(&line);
        let (field, value) = line.split_once(':').unwrap_or((&line, ""));
        if field == "data" {
            if self.has_data {
                self.data.push('\n');
            }
            self.data.push_str(value.strip_prefix(' ').unwrap_or(value));
            self.has_data = true;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(chunks: &[&[u8]]) -> Vec<String> {
        let mut parser = Parser::default();
        chunks.iter().flat_map(|chunk| parser.push(chunk).unwrap()).collect()
    }

    #[test]
    fn message_may_come_in_any_pieces() {
        let whole = "event: x\r\ndata: {\"a\":\"中\"}\r\n\r\n: ping\n\ndata:b\ndata: c\n\n";
        let expected = ["{\"a\":\"中\"}", "b\nc"];
        assert_eq!(parse(&[whole.as_bytes()]), expected);
        let bytes: Vec<&[u8]> = whole.as_bytes().chunks(1).collect();
        assert_eq!(parse(&bytes), expected);
    }

    #[test]
    fn unfinished_message_is_none() {
        assert_eq!(parse(&[b"data: a\n"]), Vec::<String>::new());
    }

    #[test]
    fn endless_line_is_refused() {
        let mut parser = Parser::default();
        assert!(parser.push(&vec![b'x'; MAX_MESSAGE + 1]).is_err());
    }
}
