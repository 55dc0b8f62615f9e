//! Places in a text: byte spans, and the lines and columns that people read.

use crate::FilePath;
use std::ops::Range;

/// A half-open range of bytes in one text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize)]
pub struct Span {
    /// The offset of the first byte.
    pub start: u32,
    /// The offset after the last byte.
    pub end: u32,
}

impl std::fmt::Debug for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}..{}", self.start, self.end)
    }
}

impl Span {
    /// A span of the given offsets; texts are limited to 4 GiB by [`crate::disk::FILE_BYTES_MAX`], far below `u32`.
    pub fn new(start: usize, end: usize) -> Self {
        debug_assert!(start <= end, "a span ends where it starts or later: {start}..{end}");
        Self { start: start as u32, end: end as u32 }
    }

    /// The empty span at an offset.
    pub fn at(offset: usize) -> Self {
        Self::new(offset, offset)
    }

    /// The span as a range for indexing a text.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The number of bytes.
    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether the span holds no byte.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The smallest span that holds both.
    pub fn to(self, other: Span) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The span moved right by `offset` bytes, as for a text that is embedded in a larger one.
    pub fn shift(self, offset: usize) -> Self {
        Self::new(self.start as usize + offset, self.end as usize + offset)
    }

    /// Whether the offset lies inside, the end included (as a cursor does).
    pub fn touches(self, offset: usize) -> bool {
        self.start as usize <= offset && offset <= self.end as usize
    }
}

/// A span in a named file.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
pub struct Place {
    /// The file, relative to the workspace.
    pub path: FilePath,
    /// Where in the file.
    pub span: Span,
}

impl Place {
    /// A place in a file.
    pub fn new(path: FilePath, span: Span) -> Self {
        Self { path, span }
    }
}

/// A line and column as people count: both from 1; columns count UTF-8 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct LineColumn {
    /// The line, from 1.
    pub line: u32,
    /// The column in bytes, from 1.
    pub column: u32,
}

impl LineColumn {
    /// The line and column of one byte offset; for many offsets of a text, make a [`LineIndex`].
    pub fn of(text: &str, offset: usize) -> Self {
        let before = &text.as_bytes()[..offset.min(text.len())];
        let line = before.iter().filter(|byte| **byte == b'\n').count();
        let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        Self { line: line as u32 + 1, column: (before.len() - start) as u32 + 1 }
    }
}

/// The starts of a text's lines, to turn offsets into lines and columns.
///
/// ```
/// use loko_source::LineIndex;
/// let index = LineIndex::new("ab\ncd");
/// let place = index.line_column(4);
/// assert_eq!((place.line, place.column), (2, 2));
/// ```
#[derive(Clone, Debug)]
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    /// Finds the lines of a text.
    pub fn new(text: &str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at as u32 + 1);
        Self { starts: std::iter::once(0).chain(ends).collect() }
    }

    /// The line and column of a byte offset; an offset past the end is on the last line.
    pub fn line_column(&self, offset: usize) -> LineColumn {
        let line = self.starts.partition_point(|start| *start as usize <= offset);
        LineColumn { line: line as u32, column: (offset - self.starts[line - 1] as usize) as u32 + 1 }
    }

    /// The offset of the first byte of a line counted from 1, if there is such a line.
    pub fn line_start(&self, line: u32) -> Option<usize> {
        self.starts.get((line as usize).checked_sub(1)?).map(|start| *start as usize)
    }

    /// The number of lines.
    pub fn lines(&self) -> usize {
        self.starts.len()
    }
}
