//! The web client's files, served on the port of the API.

use std::{
    collections::{HashMap, HashSet},
    fs, io,
    path::{Path, PathBuf},
};

use actix_files::{NamedFile, file_extension_to_mime};
use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        Method,
        header::{self, AcceptEncoding, ContentEncoding, Encoding, Header as _, HeaderValue},
    },
};
use anyhow::{Context as _, ensure};

/// The page that every address of the client starts with.
const INDEX: &str = "/index.html";
/// What the names of compressed forms end with.
const BROTLI: &str = ".br";
const GZIP: &str = ".gz";
/// Files below it carry a hash of their content in their name, and never change.
const HASHED: &str = "/assets/";
/// Addresses that are never the client's.
const OTHERS: [&str; 4] = ["/api", "/docs", "/health", "/metrics"];
/// Charts and popups set style attributes; scripts and style sheets come from files alone.
/// Printed books are shown from `blob:` addresses.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; \
     img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; frame-src 'self' blob:; \
     object-src 'self' blob:; manifest-src 'self'; base-uri 'none'; form-action 'self'; \
     frame-ancestors 'none'",
);

/// The files that exist, by address. Nothing outside of this list is ever opened.
#[derive(Debug)]
pub struct WebClient(HashMap<String, File>);

#[derive(Debug)]
struct File {
    path: PathBuf,
    has_brotli: bool,
    has_gzip: bool,
}

impl WebClient {
    /// Lists the files of a built client; `x.br` and `x.gz` are compressed forms of `x`.
    ///
    /// # Errors
    ///
    /// Fails when the folder cannot be read or holds no `index.html`.
    pub fn read(root: &Path) -> anyhow::Result<Self> {
        let mut paths = Vec::new();
        list(root, &mut paths).with_context(|| format!("WEB_ROOT {}", root.display()))?;
        let known: HashSet<&Path> = paths.iter().map(PathBuf::as_path).collect();
        let has = |path: &Path, form: &str| known.contains(compressed(path, form).as_path());
        let files: HashMap<_, _> = paths
            .iter()
            .filter_map(|path| {
                let address = format!("/{}", path.strip_prefix(root).ok()?.to_str()?);
                let (has_brotli, has_gzip) = (has(path, BROTLI), has(path, GZIP));
                Some((address, File { path: path.clone(), has_brotli, has_gzip }))
            })
            .collect();
        ensure!(files.contains_key(INDEX), "WEB_ROOT {} holds no index.html", root.display());
        Ok(Self(files))
    }

    /// Answers with a file, or with the first page where an address is one of the client's own.
    #[must_use]
    pub fn answer(&self, request: &HttpRequest) -> Option<HttpResponse> {
        let path = request.match_info().as_str();
        let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
        let is_other = OTHERS.iter().any(|other| {
            path.strip_prefix(other).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        });
        if !is_read || is_other {
            return None;
        }
        let is_page = path.rsplit('/').next().is_some_and(|name| !name.contains('.'));
        let address = if is_page { INDEX } else { path };
        let file = self.0.get(address)?;
        let mut response = file.open(request).ok()?.into_response(request);
        let headers = response.headers_mut();
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
        let keep = if address.starts_with(HASHED) {
            "public, max-age=31536000, immutable"
        } else {
            "no-cache"
        };
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
        Some(response)
    }
}

impl File {
    /// Opens the smallest form that the client understands.
    fn open(&self, request: &HttpRequest) -> io::Result<NamedFile> {
        let forms = [
            (Encoding::brotli(), ContentEncoding::Brotli, BROTLI, self.has_brotli),
            (Encoding::gzip(), ContentEncoding::Gzip, GZIP, self.has_gzip),
        ];
        let forms: Vec<_> = forms.into_iter().filter(|form| form.3).collect();
        let accepted = AcceptEncoding::parse(request).ok().and_then(|accepted| {
            let mut known: Vec<_> = forms.iter().map(|form| form.0.clone()).collect();
            known.push(Encoding::identity());
            accepted.negotiate(known.iter())
        });
        let form = forms.into_iter().find(|form| Some(&form.0) == accepted.as_ref());
        let extension = self.path.extension().and_then(|extension| extension.to_str());
        let kind = file_extension_to_mime(extension.unwrap_or_default());
        let file = match form {
            Some((_, encoding, form, _)) => {
                NamedFile::open(compressed(&self.path, form))?.set_content_encoding(encoding)
            }
            None => NamedFile::open(&self.path)?,
        };
        Ok(file.set_content_type(kind).prefer_utf8(true).disable_content_disposition())
    }
}

/// Returns where the compressed form of a file lies.
fn compressed(path: &Path, form: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(form);
    path.into()
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        match entry.file_type()? {
            kind if kind.is_dir() => list(&entry.path(), files)?,
            kind if kind.is_file() => files.push(entry.path()),
            _ => {}
        }
    }
    Ok(())
}
