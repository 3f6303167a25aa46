//! The fonts of all documents, found once. Only named families are used, so that a document looks
//! the same on every machine.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use typst::{
    foundations::Bytes,
    text::{Font, FontBook, FontInfo},
    utils::LazyHash,
};
use typst_kit::fonts::{FontPath, FontSource, FontStore};

/// Chinese and labels; part of the Debian package `fonts-noto-cjk`.
const NEEDED: [&str; 2] = ["Noto Sans CJK SC", "Noto Serif CJK SC"];
/// English text, phonetic symbols, signs; part of this program.
const BUILT_IN: [&str; 3] = ["Libertinus Serif", "DejaVu Sans Mono", "New Computer Modern Math"];
/// Used where it is installed.
const OPTIONAL: &str = "Noto Emoji";

static FONTS: OnceLock<Result<Fonts, FontError>> = OnceLock::new();

/// Says which fonts are missing.
#[derive(Clone, Debug, thiserror::Error)]
#[error("missing fonts: {}; install the Debian package fonts-noto-cjk", .0.join(", "))]
pub struct FontError(Vec<&'static str>);

/// Fonts and what they can show.
pub(super) struct Fonts {
    store: FontStore,
    /// One bit for each character.
    covered: Vec<u64>,
}

/// Checks that the fonts of documents are installed, or lie in `folder` when there is one, and
/// reads their tables.
///
/// # Errors
///
/// Fails when they are not.
pub fn check_fonts(folder: Option<&Path>) -> Result<(), FontError> {
    FONTS.get_or_init(|| Fonts::find(folder)).as_ref().map(|_| ()).map_err(Clone::clone)
}

/// Returns the fonts.
pub(super) fn fonts() -> Result<&'static Fonts, FontError> {
    FONTS.get_or_init(|| Fonts::find(None)).as_ref().map_err(Clone::clone)
}

impl Fonts {
    fn find(folder: Option<&Path>) -> Result<Self, FontError> {
        let mut store = FontStore::new();
        let built_in = typst_kit::fonts::embedded();
        store.extend(built_in.filter(|(_, info)| BUILT_IN.contains(&info.family.as_str())));
        let files = Arc::<FontFiles>::default();
        let installed: Vec<(FontPath, FontInfo)> = match folder {
            Some(folder) => typst_kit::fonts::scan(folder).collect(),
            None => typst_kit::fonts::system().collect(),
        };
        for (path, info) in installed {
            if NEEDED.contains(&info.family.as_str()) || info.family == OPTIONAL {
                store.push((SharedFont { path, files: Arc::clone(&files) }, info));
            }
        }
        let missing = |family: &&str| !store.book().contains_family(&family.to_lowercase());
        let missing: Vec<_> = NEEDED.into_iter().filter(missing).collect();
        if !missing.is_empty() {
            return Err(FontError(missing));
        }
        let mut covered = vec![0; usize::try_from(u32::from(char::MAX) / 64 + 1).unwrap_or(0)];
        let infos = (0..).map_while(|index| store.book().info(index));
        for c in infos.flat_map(|info| info.coverage.iter()) {
            if let Some(word) = covered.get_mut(place(c).0) {
                *word |= place(c).1;
            }
        }
        Ok(Self { store, covered })
    }

    pub(super) fn book(&self) -> &LazyHash<FontBook> {
        self.store.book()
    }

    pub(super) fn font(&self, index: usize) -> Option<Font> {
        self.store.font(index)
    }

    /// Tells whether a character has a shape in one of the fonts.
    pub(super) fn cover(&self, c: char) -> bool {
        let (word, bit) = place(c.into());
        self.covered.get(word).is_some_and(|word| word & bit != 0)
    }
}

/// Returns the word and the bit of a character.
fn place(c: u32) -> (usize, u64) {
    (usize::try_from(c / 64).unwrap_or(usize::MAX), 1 << (c % 64))
}

/// Font files in memory; the faces of a collection share one copy.
#[derive(Default)]
struct FontFiles(Mutex<HashMap<PathBuf, Bytes>>);

/// A face of a font file.
struct SharedFont {
    path: FontPath,
    files: Arc<FontFiles>,
}

impl FontSource for SharedFont {
    fn load(&self) -> Option<Font> {
        let mut files = self.files.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bytes) = files.get(&self.path.path) {
            return Font::new(bytes.clone(), self.path.index);
        }
        let bytes = Bytes::new(fs::read(&self.path.path).ok()?);
        files.insert(self.path.path.clone(), bytes.clone());
        Font::new(bytes, self.path.index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_fonts_name_their_package() {
        let error = FontError(NEEDED.to_vec()).to_string();
        assert!(error.contains("Noto Serif CJK SC") && error.contains("fonts-noto-cjk"));
    }

    #[test]
    fn fonts_cover_what_lessons_contain() {
        let fonts = fonts().unwrap();
        let text = "Aé“”‘’—…ˈθəʊ→✓√≠①Ⅳ你龙鑫，。？！（）《》é\u{fffd}";
        let missing: String = text.chars().filter(|c| !fonts.cover(*c)).collect();
        assert_eq!(missing, "");
        assert!(!fonts.cover('\u{10fffd}'));
    }
}
