//! A model as a file: eight-bit weights by bucket and class, pruned, with a checksum. Reading one trusts nothing.
//!
//! All numbers are little-endian:
//!
//! ```text
//! "BLHP" · version u8 · bucket bits u8 · intents u16 · rarest idf u8 · bias u8 · usual position of the slider u8 · other classes u8
//! four f32: weight scale, probability (a, b, c)
//! two f32 for each position of the slider, 0 to 50 %: thresholds (answer, ask)
//! ids: per intent, length u8 and UTF-8
//! rows (buckets, then the constant's): idf u8 · count u16 · classes (u8, above 256 of them u16) × count · weights i8 × count
//! FNV-1a of all before, u64
//! ```
//!
//! Version 1, which is still read, has classes of two bytes and no other classes.
use super::{
    calibrate::{Calibration, Thresholds},
    features::{BUCKET_BITS, BUCKETS},
    rows::Rows,
    weights::Weights,
};
use crate::core::{error::Code, limits::HOLD_BACK_MAX, problem::Problem};

/// Most intents of one model.
pub const MAX_INTENTS: usize = 512;
/// Largest file that is read or written.
pub const MAX_BYTES: usize = 1_600_000;
/// Longest id of an intent in bytes.
pub const MAX_ID: usize = 64;
const MAGIC: &[u8; 4] = b"BLHP";
const VERSION: u8 = 2;
/// Weights that are kept: with two bytes each, and three a bucket, no more than 0.86 MB.
const KEPT: usize = 330_000;
/// Up to so many classes one is a byte.
const NARROW: usize = 256;

/// Why a file is no model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModelError {
    /// It does not begin like one.
    NotAModel,
    /// Another version wrote it.
    Version,
    /// It is longer than any model.
    TooLarge,
    /// It ends too early, or goes on after its end.
    Length,
    /// Its checksum does not match.
    Checksum,
    /// A size or number in it cannot be.
    Invalid,
}

impl ModelError {
    /// A stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotAModel => "bot_model_unknown",
            Self::Version => "bot_model_version",
            Self::TooLarge => "bot_model_too_large",
            Self::Length => "bot_model_length",
            Self::Checksum => "bot_model_checksum",
            Self::Invalid => "bot_model_invalid",
        }
    }
}

impl From<ModelError> for Problem {
    fn from(error: ModelError) -> Self {
        Code::parse(error.code()).unwrap_or(Code::BadRequest).into()
    }
}

/// A model that can judge messages.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    pub(super) intents: Vec<String>,
    /// Classes after those of the intents: what means something else.
    pub(super) others: usize,
    pub(super) idf: Vec<u8>,
    pub(super) unseen: u8,
    pub(super) bias: f32,
    pub(super) scale: f32,
    pub(super) rows: Rows,
    /// How a score becomes a probability, and where the bands lie.
    pub calibration: Calibration,
}

impl Model {
    /// What it takes in memory, about.
    pub fn bytes(&self) -> usize {
        self.rows.bytes() + self.idf.len()
    }

    /// The intents' ids in the order of the classes.
    pub fn intents(&self) -> &[String] {
        &self.intents
    }

    /// Packs weights: the largest are kept, one scale for all. `others` says of each class after the intents' whether it is used.
    pub(super) fn pack(
        intents: &[String],
        others: &[bool],
        idf: Vec<u8>,
        unseen: u8,
        bias: f32,
        weights: &Weights,
    ) -> Self {
        let largest = weights.cells.iter().fold(0.0_f32, |largest, cell| largest.max(cell.abs()));
        let scale = (largest / 127.0).max(f32::MIN_POSITIVE);
        // There may be millions: only the place where they are cut is wanted, not their order, and not those that round to zero.
        let counted = weights.cells.iter().map(|cell| cell.abs()).filter(|size| *size * 2.0 >= scale);
        let mut sizes: Vec<f32> = counted.collect();
        let least = if sizes.len() > KEPT {
            *sizes.select_nth_unstable_by(KEPT, |one, other| other.total_cmp(one)).1
        } else {
            0.0
        };
        let mut model = Self {
            intents: intents.to_vec(),
            others: others.len(),
            idf,
            unseen,
            bias,
            scale,
            rows: Rows::new(intents.len() + others.len()),
            calibration: Calibration::default(),
        };
        for bucket in 0..=BUCKETS {
            let (mut classes, mut cells) = (Vec::new(), Vec::new());
            for (class, cell) in (0_u16..).zip(weights.row(bucket)) {
                let other = usize::from(class).checked_sub(intents.len()).and_then(|place| others.get(place));
                if other == Some(&false) || cell.abs() <= least && bucket != BUCKETS {
                    continue;
                }
                let rounded = (cell / scale + if *cell < 0.0 { -0.5 } else { 0.5 }) as i8;
                if rounded != 0 {
                    classes.push(class);
                    cells.push(rounded);
                }
            }
            model.rows.push(&classes, &cells);
        }
        model
    }

    /// The model as a file.
    pub fn write(&self) -> Vec<u8> {
        let mut file = Vec::with_capacity(self.rows.bytes() + 4_096);
        file.extend_from_slice(MAGIC);
        file.extend_from_slice(&[VERSION, BUCKET_BITS]);
        file.extend_from_slice(&(self.intents.len() as u16).to_le_bytes());
        let Calibration { slope, gap, offset, usual, .. } = self.calibration;
        file.extend_from_slice(&[self.unseen, (self.bias * 100.0 + 0.5) as u8, usual, self.others as u8]);
        let positions = (0..=HOLD_BACK_MAX).map(|percent| self.calibration.at(Some(percent)));
        let numbers = [self.scale, slope, gap, offset].into_iter();
        for number in numbers.chain(positions.flat_map(|Thresholds { answer, ask }| [answer, ask])) {
            file.extend_from_slice(&number.to_le_bytes());
        }
        for id in &self.intents {
            file.push(id.len() as u8);
            file.extend_from_slice(id.as_bytes());
        }
        let width = if self.intents.len() + self.others > NARROW { 2 } else { 1 };
        for bucket in 0..=BUCKETS {
            let (classes, cells): (Vec<u16>, Vec<i8>) = self.rows.cells(bucket).unzip();
            file.push(self.idf.get(bucket).copied().unwrap_or(0));
            file.extend_from_slice(&(classes.len() as u16).to_le_bytes());
            classes.iter().for_each(|class| file.extend(class.to_le_bytes().iter().take(width)));
            cells.iter().for_each(|cell| file.extend_from_slice(&cell.to_le_bytes()));
        }
        let sum = checksum(&file);
        file.extend_from_slice(&sum.to_le_bytes());
        file
    }

    /// Reads a file that anyone may have made.
    pub fn read(file: &[u8]) -> Result<Self, ModelError> {
        if file.len() > MAX_BYTES {
            return Err(ModelError::TooLarge);
        }
        let mut all = Reader(file);
        if all.take(MAGIC.len()).map_err(|_| ModelError::NotAModel)? != MAGIC {
            return Err(ModelError::NotAModel);
        }
        let version = all.byte()?;
        if !(1..=VERSION).contains(&version) {
            return Err(ModelError::Version);
        }
        let (body, sum) = file.split_last_chunk::<8>().ok_or(ModelError::Length)?;
        if checksum(body) != u64::from_le_bytes(*sum) {
            return Err(ModelError::Checksum);
        }
        let mut reader = Reader(body.get(MAGIC.len() + 1..).ok_or(ModelError::Length)?);
        if reader.byte()? != BUCKET_BITS {
            return Err(ModelError::Version);
        }
        let count = usize::from(reader.short()?);
        if count > MAX_INTENTS {
            return Err(ModelError::Invalid);
        }
        let unseen = reader.byte()?;
        let bias = f32::from(reader.byte()?) / 100.0;
        let usual = reader.byte()?;
        let others = usize::from(reader.byte()?);
        let (scale, slope, gap, offset) = (reader.number()?, reader.number()?, reader.number()?, reader.number()?);
        let mut thresholds = Vec::new();
        for _ in 0..=HOLD_BACK_MAX {
            thresholds.push(Thresholds { answer: reader.number()?, ask: reader.number()? });
        }
        if unseen == 0 || scale <= 0.0 || u32::from(usual) > HOLD_BACK_MAX {
            return Err(ModelError::Invalid);
        }
        let mut intents = Vec::with_capacity(count);
        for _ in 0..count {
            let length = usize::from(reader.byte()?);
            let id = std::str::from_utf8(reader.take(length)?).map_err(|_| ModelError::Invalid)?;
            intents.push(id.to_owned());
        }
        let classes = count + others;
        let is_narrow = version > 1 && classes <= NARROW;
        let mut model = Self {
            intents,
            others,
            idf: Vec::with_capacity(BUCKETS + 1),
            unseen,
            bias,
            scale,
            rows: Rows::new(classes),
            calibration: Calibration { slope, gap, offset, thresholds, usual },
        };
        for _ in 0..=BUCKETS {
            model.idf.push(reader.byte()?);
            let length = usize::from(reader.short()?);
            let (mut named, mut next) = (Vec::with_capacity(length.min(classes)), 0);
            for _ in 0..length {
                let class = if is_narrow { u16::from(reader.byte()?) } else { reader.short()? };
                if class < next || usize::from(class) >= classes {
                    return Err(ModelError::Invalid);
                }
                next = class + 1;
                named.push(class);
            }
            let cells: Vec<i8> = reader.take(length)?.iter().map(|byte| byte.cast_signed()).collect();
            model.rows.push(&named, &cells);
        }
        // The constant's row has no frequency; `pack` leaves it out.
        model.idf.truncate(BUCKETS);
        if reader.0.is_empty() { Ok(model) } else { Err(ModelError::Length) }
    }
}

fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

struct Reader<'file>(&'file [u8]);

impl<'file> Reader<'file> {
    fn take(&mut self, count: usize) -> Result<&'file [u8], ModelError> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(ModelError::Length)?;
        self.0 = rest;
        Ok(taken)
    }

    fn chunk<const N: usize>(&mut self) -> Result<[u8; N], ModelError> {
        let (taken, rest) = self.0.split_first_chunk::<N>().ok_or(ModelError::Length)?;
        self.0 = rest;
        Ok(*taken)
    }

    fn byte(&mut self) -> Result<u8, ModelError> {
        self.chunk::<1>().map(|[byte]| byte)
    }

    fn short(&mut self) -> Result<u16, ModelError> {
        self.chunk().map(u16::from_le_bytes)
    }

    fn number(&mut self) -> Result<f32, ModelError> {
        let number = self.chunk().map(f32::from_le_bytes)?;
        if number.is_finite() { Ok(number) } else { Err(ModelError::Invalid) }
    }
}
