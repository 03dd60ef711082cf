//! A zip whose directory is gone, which stands at its end: its files by the headers before each of them.

use std::io::{self, BufReader, Read, Seek, SeekFrom};

use super::{ArchiveBundle, ENTRIES, Place, Source, grows_too_much, too_much};

/// Bytes of a header before the name.
const HEADER: u64 = 30;
const SIGNATURE: u32 = 0x0403_4b50;

/// What stands before a file.
struct Header {
    flags: u16,
    method: u16,
    crc: u32,
    packed: u64,
    size: u64,
    name: Vec<u8>,
    /// Where the file's bytes begin.
    start: u64,
}

impl Header {
    fn is_folder(&self) -> bool {
        self.name.ends_with(b"/")
    }

    /// Sizes stand behind the bytes, not before them.
    fn is_streamed(&self) -> bool {
        self.flags & 8 != 0 && self.packed == 0
    }
}

impl ArchiveBundle {
    /// Adds the files that are whole, one after the other, and one that is cut as such.
    pub(super) fn walk_zip(&mut self, length: u64) -> io::Result<()> {
        let mut input = BufReader::new(self.origin.open()?);
        let (mut at, mut unpacked) = (0_u64, 0_u64);
        while self.entries.len() < ENTRIES {
            let Some(mut header) = header(&mut input, at)? else {
                break;
            };
            let known = !header.is_streamed() || measure(&mut input, &mut header);
            let end = header.start.saturating_add(header.packed);
            let is_cut = !known || end > length;
            let grows = grows_too_much(header.size, header.packed)
                || grows_too_much(unpacked.saturating_add(header.size), length);
            unpacked += if grows { 0 } else { header.size };
            let (start, packed, size) = (header.start, header.packed, header.size);
            // Of what is streamed it stands behind the file.
            let crc = (header.flags & 8 == 0).then_some(header.crc);
            let place = match header.method {
                _ if is_cut => Place::Refused("the archive ends inside of it".to_owned()),
                _ if header.flags & 1 != 0 => Place::Refused("it is encrypted".to_owned()),
                _ if grows => Place::Refused(too_much()),
                0 => Place::Plain { start, size, crc },
                8 => Place::Deflated {
                    start,
                    packed,
                    size,
                    crc,
                },
                other => Place::Refused(format!("its compression `{other}` is not read")),
            };
            if !header.is_folder() {
                self.add(&header.name, size, true, place)?;
            }
            if is_cut {
                break;
            }
            at = end
                + if header.flags & 8 != 0 {
                    descriptor(&mut input, end)?
                } else {
                    0
                };
        }
        Ok(())
    }
}

fn header<R: Read + Seek>(input: &mut R, at: u64) -> io::Result<Option<Header>> {
    input.seek(SeekFrom::Start(at))?;
    let mut bytes = [0; HEADER as usize];
    if input.read_exact(&mut bytes).is_err() {
        return Ok(None);
    }
    let short = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
    let long = |at: usize| u32::from(short(at)) | u32::from(short(at + 2)) << 16;
    if long(0) != SIGNATURE {
        return Ok(None);
    }
    let mut name = vec![0; usize::from(short(26))];
    let mut extra = vec![0; usize::from(short(28))];
    if input.read_exact(&mut name).is_err() || input.read_exact(&mut extra).is_err() {
        return Ok(None);
    }
    let (mut packed, mut size) = (u64::from(long(18)), u64::from(long(22)));
    if size == u64::from(u32::MAX) && extra.starts_with(&[1, 0]) {
        // Large files have both sizes in the first extra field.
        let wide = |at: usize| -> Option<u64> {
            let bytes = extra.get(at..at + 8)?;
            Some(u64::from_le_bytes(bytes.try_into().ok()?))
        };
        (size, packed) = (wide(4).unwrap_or(size), wide(12).unwrap_or(packed));
    }
    Ok(Some(Header {
        flags: short(6),
        method: short(8),
        crc: long(14),
        packed,
        size,
        start: at + HEADER + name.len() as u64 + extra.len() as u64,
        name,
    }))
}

/// Finds out how long a file is whose sizes stand behind it; whether it is whole.
fn measure(input: &mut BufReader<Box<dyn Source>>, header: &mut Header) -> bool {
    if header.method != 8 || input.seek(SeekFrom::Start(header.start)).is_err() {
        return false;
    }
    let mut decoder = flate2::bufread::DeflateDecoder::new(input);
    let mut buffer = vec![0; 64 << 10];
    loop {
        match decoder.read(&mut buffer) {
            Ok(0) => break,
            Ok(_) if grows_too_much(decoder.total_out(), decoder.total_in()) => return false,
            Ok(_) => {}
            Err(_) => return false,
        }
    }
    (header.packed, header.size) = (decoder.total_in(), decoder.total_out());
    true
}

/// Returns the length of what stands behind a streamed file.
fn descriptor<R: Read + Seek>(input: &mut R, at: u64) -> io::Result<u64> {
    input.seek(SeekFrom::Start(at))?;
    let mut mark = [0; 4];
    let marked = input.read_exact(&mut mark).is_ok() && mark == *b"PK\x07\x08";
    for wide in [false, true] {
        let length = if marked { 4 } else { 0 } + if wide { 20 } else { 12 };
        if header(input, at + length)?.is_some() {
            return Ok(length);
        }
    }
    Ok(if marked { 16 } else { 12 })
}
