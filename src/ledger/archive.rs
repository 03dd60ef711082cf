//! Archives as bundles: zip, tar, and either of gzip and zstd around a tar or around one file.
//!
//! Nothing is unpacked to disk. What lies in a zip or a plain tar is read where it stands; of a compressed
//! tar, small files are held in memory, and the rest is unpacked again when it is asked for. An archive that
//! unpacks to far more than it holds is refused before it does, and names never lead anywhere.

mod walk;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use crate::base::{files, path, text};
use crate::ingest::{Bundle, BundleEntry};

/// Unpacked bytes that any archive may have.
const FREE: u64 = 64 << 20;
/// How many times its own size an archive may unpack to, beyond that.
const RATIO: u64 = 200;
/// Files in one archive.
const ENTRIES: usize = 500_000;
/// Bytes of files of a compressed tar that are held in memory.
const HELD: u64 = 256 << 20;

/// An archive that was given as an input.
#[derive(Debug)]
pub struct ArchiveBundle {
    name: String,
    origin: Origin,
    wrap: Wrap,
    entries: Vec<BundleEntry>,
    places: BTreeMap<String, Place>,
    problem: Option<String>,
    is_inner: bool,
    inner: Inner,
    /// Bytes of the archives in it that were opened.
    held: AtomicU64,
}

/// Archives that lie in a bundle, by the places of their entries; each is opened when it is first asked for.
#[derive(Debug, Default)]
pub(super) struct Inner(OnceLock<Box<[Opened]>>);

/// None where it is no archive.
type Opened = OnceLock<Option<Box<ArchiveBundle>>>;

impl Inner {
    /// Returns the archive of this name; `entries` are sorted by name, and always the same.
    pub(super) fn get(
        &self,
        entries: &[BundleEntry],
        name: &str,
        open: impl FnOnce(&BundleEntry) -> Option<ArchiveBundle>,
    ) -> Option<&dyn Bundle> {
        let at = entries.binary_search_by(|entry| entry.name.as_str().cmp(name));
        let at = at.ok().filter(|at| entries[*at].regular)?;
        let cells = self
            .0
            .get_or_init(|| entries.iter().map(|_| Opened::new()).collect());
        let opened = cells.get(at)?.get_or_init(|| {
            let mut archive = open(&entries[at])?;
            archive.is_inner = true;
            Some(Box::new(archive))
        });
        opened.as_deref().map(|archive| archive as &dyn Bundle)
    }
}

/// Where an archive's bytes are.
#[derive(Clone, Debug)]
enum Origin {
    File(PathBuf),
    /// It lies in another archive.
    Held {
        file: String,
        bytes: Arc<[u8]>,
    },
}

trait Source: Read + Seek + Send {}
impl<T: Read + Seek + Send> Source for T {}

impl Origin {
    fn open(&self) -> io::Result<Box<dyn Source>> {
        Ok(match self {
            Self::File(path) => Box::new(files::open(path).map_err(|e| e.source)?),
            Self::Held { bytes, .. } => Box::new(io::Cursor::new(bytes.clone())),
        })
    }

    fn file_name(&self) -> &str {
        match self {
            Self::File(path) => path.file_name().and_then(|name| name.to_str()),
            Self::Held { file, .. } => Some(file.as_str()),
        }
        .unwrap_or("results")
    }
}

/// What is around a tar or a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrap {
    None,
    Gzip,
    Zstd,
}

#[derive(Debug)]
enum Place {
    /// Bytes of the unwrapped archive, as they are.
    Plain {
        start: u64,
        size: u64,
        /// CRC-32 of the file, where the archive has one.
        crc: Option<u32>,
    },
    Deflated {
        start: u64,
        packed: u64,
        size: u64,
        crc: Option<u32>,
    },
    Held(Vec<u8>),
    /// Why it is not read.
    Refused(String),
}

/// Opens a file as an archive; `None` where its first bytes are not those of one.
pub fn open_archive(path: &Path, name: &str) -> io::Result<Option<ArchiveBundle>> {
    if !path.is_file() {
        return Ok(None);
    }
    open_from(Origin::File(path.to_path_buf()), name)
}

fn open_from(origin: Origin, name: &str) -> io::Result<Option<ArchiveBundle>> {
    let mut head = Vec::new();
    origin.open()?.take(512).read_to_end(&mut head)?;
    let mut bundle = ArchiveBundle {
        name: name.to_owned(),
        origin,
        wrap: Wrap::None,
        entries: Vec::new(),
        places: BTreeMap::new(),
        problem: None,
        is_inner: false,
        inner: Inner::default(),
        held: AtomicU64::new(0),
    };
    let read = match head.as_slice() {
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => bundle.read_zip(),
        [0x1f, 0x8b, ..] => bundle.read_wrapped(Wrap::Gzip),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => bundle.read_wrapped(Wrap::Zstd),
        _ if is_tar(&head) => bundle.read_tar(),
        _ => return Ok(None),
    };
    if let Err(error) = read {
        bundle
            .problem
            .get_or_insert_with(|| format!("the archive is damaged: {error}"));
    }
    bundle.entries.sort();
    Ok(Some(bundle))
}

fn is_tar(head: &[u8]) -> bool {
    head.get(257..262) == Some(b"ustar")
}

/// Counts what is read through it.
struct Counted<R>(R, Arc<AtomicU64>);

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.0.read(buffer)?;
        self.1.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

/// Stops where far more comes out than went in.
struct Bounded<R> {
    inner: R,
    packed: Arc<AtomicU64>,
    unpacked: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.unpacked += n as u64;
        match grows_too_much(self.unpacked, self.packed.load(Ordering::Relaxed)) {
            true => Err(io::Error::other(too_much())),
            false => Ok(n),
        }
    }
}

fn grows_too_much(unpacked: u64, packed: u64) -> bool {
    unpacked > FREE && unpacked / RATIO > packed
}

fn too_much() -> String {
    format!("it unpacks to more than {RATIO} times its size")
}

/// Opens what is inside of a wrapping.
fn unwrapped(origin: &Origin, wrap: Wrap) -> io::Result<Box<dyn Read + Send>> {
    let packed = Arc::new(AtomicU64::new(0));
    let input = Counted(
        BufReader::with_capacity(64 << 10, origin.open()?),
        packed.clone(),
    );
    let inner: Box<dyn Read + Send> = match wrap {
        Wrap::None => return Ok(Box::new(input)),
        Wrap::Gzip => Box::new(flate2::read::MultiGzDecoder::new(input)),
        Wrap::Zstd => {
            let decoder = ruzstd::decoding::StreamingDecoder::new(input);
            Box::new(decoder.map_err(|e| io::Error::other(e.to_string()))?)
        }
    };
    Ok(Box::new(Bounded {
        inner,
        packed,
        unpacked: 0,
    }))
}

impl ArchiveBundle {
    fn add(&mut self, raw: &[u8], size: u64, regular: bool, place: Place) -> io::Result<()> {
        if self.entries.len() >= ENTRIES {
            let bound = text::thousands(ENTRIES as u64);
            return Err(io::Error::other(format!(
                "it holds more than {bound} files"
            )));
        }
        let (mut name, mut place) = match inner_name(raw) {
            Ok(name) => (name, place),
            Err((name, why)) => (name, Place::Refused(why.to_owned())),
        };
        if self.places.contains_key(&name) {
            place = Place::Refused("the archive holds another file of this name".to_owned());
            let mut n = 2;
            while self.places.contains_key(&format!("{name} ({n})")) && n < 100 {
                n += 1;
            }
            name = format!("{name} ({n})");
        }
        self.entries.push(BundleEntry {
            name: name.clone(),
            size,
            regular,
        });
        self.entries.dedup_by(|a, b| a.name == b.name);
        self.places.insert(name, place);
        Ok(())
    }

    fn read_zip(&mut self) -> io::Result<()> {
        let mut file = self.origin.open()?;
        let length = file.seek(SeekFrom::End(0))?;
        let mut archive = match zip::ZipArchive::new(BufReader::new(file)) {
            Ok(archive) => archive,
            Err(error) => {
                self.walk_zip(length)?;
                return Err(io::Error::other(error));
            }
        };
        // The index has each name once: where files share one, they are found one after another.
        if listed(&self.origin, length)?.is_some_and(|listed| listed > archive.len()) {
            drop(archive);
            return self.walk_zip(length);
        }
        let mut unpacked = 0_u64;
        let mut starts = BTreeSet::new();
        for at in 0..archive.len().min(ENTRIES + 1) {
            let entry = archive.by_index_raw(at).map_err(io::Error::other)?;
            if entry.is_dir() {
                continue;
            }
            let (size, packed) = (entry.size(), entry.compressed_size());
            let grows = grows_too_much(size, packed)
                || grows_too_much(unpacked.saturating_add(size), length);
            unpacked += if grows { 0 } else { size };
            let start = entry.data_start();
            let start = Option::<u64>::from(start).unwrap_or_default();
            let overlaps = size > 0 && !starts.insert(start);
            let crc = Some(entry.crc32());
            let place = match entry.compression() {
                _ if entry.encrypted() => Place::Refused("it is encrypted".to_owned()),
                _ if overlaps => Place::Refused("it shares its bytes with another file".to_owned()),
                _ if grows => Place::Refused(too_much()),
                zip::CompressionMethod::Stored => Place::Plain { start, size, crc },
                zip::CompressionMethod::Deflated => Place::Deflated {
                    start,
                    packed,
                    size,
                    crc,
                },
                other => Place::Refused(format!("its compression `{other}` is not read")),
            };
            let is_link = entry.is_symlink();
            let raw = entry.name_raw().to_vec();
            drop(entry);
            self.add(&raw, size, !is_link, place)?;
        }
        Ok(())
    }

    fn read_wrapped(&mut self, wrap: Wrap) -> io::Result<()> {
        self.wrap = wrap;
        let mut head = Vec::new();
        // Where it is damaged before that, what it begins with is read below, and the damage is told.
        let _ = unwrapped(&self.origin, wrap)?
            .take(512)
            .read_to_end(&mut head);
        if is_tar(&head) {
            return self.read_tar();
        }
        // One file: it is called as the archive is, but for the ending.
        let path = self.origin.file_name().to_owned();
        let name = [".gz", ".zst", ".zstd", ".gzip"]
            .iter()
            .find_map(|ending| path.strip_suffix(ending))
            .filter(|name| !name.is_empty())
            .unwrap_or(&path)
            .to_owned();
        let mut input = unwrapped(&self.origin, wrap)?;
        let mut held = Vec::new();
        let read = input.by_ref().take(FREE).read_to_end(&mut held);
        let rest = match &read {
            Ok(_) => io::copy(&mut input, &mut io::sink()),
            Err(_) => Ok(0),
        };
        let whole = held.len() as u64;
        let place = match &rest {
            Ok(0) => Place::Held(held),
            Ok(more) => Place::Plain {
                start: 0,
                size: whole + more,
                crc: None,
            },
            Err(_) => Place::Held(held),
        };
        let size = match &place {
            Place::Plain { size, .. } => *size,
            _ => whole,
        };
        self.add(name.as_bytes(), size, true, place)?;
        read.and(rest.map(|_| 0)).map(|_| ())
    }

    fn read_tar(&mut self) -> io::Result<()> {
        let wrap = self.wrap;
        let mut held = 0_u64;
        let mut archive = tar::Archive::new(unwrapped(&self.origin, wrap)?);
        // Archives that were put one behind the other are read to the last.
        archive.set_ignore_zeros(true);
        for entry in archive.entries()? {
            let mut entry = entry?;
            let kind = entry.header().entry_type();
            if kind.is_dir() || kind.is_pax_global_extensions() {
                continue;
            }
            let raw = entry.path_bytes().into_owned();
            let (size, start) = (entry.size(), entry.raw_file_position());
            let is_file = kind.is_file() || kind.is_contiguous();
            let hold = wrap != Wrap::None && is_file && held + size <= HELD;
            if !hold {
                let crc = None;
                self.add(&raw, size, is_file, Place::Plain { start, size, crc })?;
                continue;
            }
            let mut bytes = Vec::new();
            let read = entry.read_to_end(&mut bytes);
            held += bytes.len() as u64;
            let size = bytes.len() as u64;
            self.add(&raw, size, true, Place::Held(bytes))?;
            read?;
        }
        Ok(())
    }
}

/// Stands for an archive that is too large to be opened where it lies.
fn unopened(name: String) -> ArchiveBundle {
    ArchiveBundle {
        name,
        origin: Origin::Held {
            file: String::new(),
            bytes: Arc::new([]),
        },
        wrap: Wrap::None,
        entries: Vec::new(),
        places: BTreeMap::new(),
        problem: Some(
            "lies in an archive and is too large to be read there: unpack the outer one".to_owned(),
        ),
        is_inner: true,
        inner: Inner::default(),
        held: AtomicU64::new(0),
    }
}

/// A name inside of the bundle; where it leads elsewhere, one that doesn't, and why it is refused.
fn inner_name(raw: &[u8]) -> Result<String, (String, &'static str)> {
    let shown = String::from_utf8_lossy(raw).replace('\\', "/");
    let parts: Vec<&str> = shown
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".")
        .collect();
    let drive = parts
        .first()
        .is_some_and(|part| part.as_bytes().get(1) == Some(&b':'));
    let mut leads_out = shown.starts_with('/') || drive;
    let mut plain: Vec<&str> = Vec::new();
    for part in parts {
        match part {
            ".." => leads_out |= plain.pop().is_none(),
            part => plain.push(part),
        }
    }
    let name = plain.join("/");
    let plain = text::sanitize_line(&plain.join("/"));
    let named = |why: &'static str| Err((format!("{plain} (refused)"), why));
    match () {
        () if leads_out => named("its name leads outside of the archive"),
        () if plain.is_empty() => named("it has no name"),
        () if str::from_utf8(raw).is_err() => named("its name is not UTF-8"),
        () if shown.chars().any(char::is_control) => named("its name holds control characters"),
        () if plain.len() > 1024 => named("its name is longer than 1024 bytes"),
        () => Ok(name),
    }
}

/// Returns how many files the end of a zip says it has (APPNOTE 4.3.16); none where it doesn't, as in those of
/// more than 65,534.
fn listed(origin: &Origin, length: u64) -> io::Result<Option<usize>> {
    let most = length.min(22 + u64::from(u16::MAX));
    let mut file = origin.open()?;
    file.seek(SeekFrom::Start(length - most))?;
    let mut end = Vec::new();
    file.take(most).read_to_end(&mut end)?;
    let at = end.windows(4).rposition(|bytes| bytes == b"PK\x05\x06");
    let count = at.and_then(|at| end.get(at + 10..at + 12));
    let count = count.map(|bytes| u16::from_le_bytes([bytes[0], bytes[1]]));
    Ok(count.filter(|n| *n < u16::MAX).map(usize::from))
}

/// Gives as many bytes as were promised; fewer or more are an error, and so are others.
struct Exact<R> {
    inner: R,
    left: u64,
    crc: Option<(flate2::Crc, u32)>,
}

impl<R> Exact<R> {
    fn new(inner: R, left: u64, crc: Option<u32>) -> Self {
        let crc = crc.map(|crc| (flate2::Crc::new(), crc));
        Self { inner, left, crc }
    }
}

impl<R: Read> Read for Exact<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        match self.left.checked_sub(n as u64) {
            None => Err(io::Error::other("it is longer than the archive says")),
            Some(left) if n == 0 && left > 0 && !buffer.is_empty() => {
                Err(io::Error::other("it ends before the archive says"))
            }
            Some(left) => {
                self.left = left;
                if let Some((own, said)) = &mut self.crc {
                    own.update(&buffer[..n]);
                    if left == 0 && own.sum() != *said {
                        let damaged = "it was damaged: its checksum (CRC-32) is another one";
                        return Err(io::Error::other(damaged));
                    }
                }
                Ok(n)
            }
        }
    }
}

impl Bundle for ArchiveBundle {
    fn name(&self) -> &str {
        &self.name
    }

    fn entries(&self) -> &[BundleEntry] {
        &self.entries
    }

    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.open(name)?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn Read + Send + '_>> {
        let at = |start: u64| -> io::Result<Box<dyn Source>> {
            let mut file = self.origin.open()?;
            file.seek(SeekFrom::Start(start))?;
            Ok(file)
        };
        match self.places.get(name).ok_or(io::ErrorKind::NotFound)? {
            Place::Held(bytes) => Ok(Box::new(bytes.as_slice())),
            Place::Refused(why) => Err(io::Error::other(why.clone())),
            Place::Plain { start, size, crc } if self.wrap == Wrap::None => {
                let inner = at(*start)?.take(*size);
                Ok(Box::new(Exact::new(inner, *size, *crc)))
            }
            Place::Plain { start, size, crc } => {
                let mut input = unwrapped(&self.origin, self.wrap)?;
                io::copy(&mut input.by_ref().take(*start), &mut io::sink())?;
                Ok(Box::new(Exact::new(input.take(*size), *size, *crc)))
            }
            Place::Deflated {
                start,
                packed,
                size,
                crc,
            } => {
                let inner = flate2::read::DeflateDecoder::new(at(*start)?.take(*packed));
                Ok(Box::new(Exact::new(inner, *size, *crc)))
            }
        }
    }

    /// One level: what lies in an archive of an archive is told by whoever reads that.
    fn archive(&self, name: &str) -> Option<&dyn Bundle> {
        if matches!(self.origin, Origin::Held { .. }) {
            return None;
        }
        self.inner.get(&self.entries, name, |entry| {
            let whole = format!("{}/{}", self.name, entry.name);
            let before = self.held.fetch_add(entry.size, Ordering::Relaxed);
            if entry.size > FREE || before.saturating_add(entry.size) > HELD {
                return Some(unopened(whole));
            }
            // What can't be read is told as a file of this archive.
            let bytes = self.read(&entry.name).ok()?.into();
            let file = path::file_name(&entry.name).to_owned();
            open_from(Origin::Held { file, bytes }, &whole).ok()?
        })
    }

    fn is_inner(&self) -> bool {
        self.is_inner
    }

    fn damage(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    fn absence(&self) -> Option<&str> {
        Some(self.problem.as_deref().unwrap_or("the archive is empty"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_nowhere() {
        assert_eq!(inner_name(b"./a/b.xml").as_deref(), Ok("a/b.xml"));
        for bad in ["../a", "/a", "a/../../b", "C:\\x", "..\\a", "a\nb", ""] {
            assert!(inner_name(bad.as_bytes()).is_err(), "{bad:?}");
        }
        assert!(inner_name(b"a\xff").is_err());
        assert_eq!(inner_name(b"../a").expect_err("refused").0, "a (refused)");
    }
}
