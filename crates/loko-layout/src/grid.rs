//! Grids: cells in rows and columns, in source order, with even gaps.
//!
//! With both rows and columns given, all cells of a row are equally high and all of a column equally wide; the one
//! that was named first says how cells are filled in. With only rows given, the cells are cut into that many rows of
//! about equal width, and each row is stretched to the widest; columns alone work alike. Edges come last (`reroute`).

use crate::label;
use crate::piece::Piece;
use crate::scope::Scope;
use crate::unit;
use loko_diagram::{Content, Grid, ObjectId, Point, Rect, Shape, Size};

/// The gap where none was given.
const GAP: f64 = 40.0;
/// Work above which lines are cut greedily.
const EFFORT: usize = 3_000_000;
/// More rows or columns than this are not sensible.
const MAX_LINES: usize = 10_000;

/// Places the cells of a grid.
pub(crate) fn place(scope: &Scope<'_>, container: Option<ObjectId>, grid: Grid, depth: usize) -> Piece {
    let (apart, cells): (Vec<ObjectId>, Vec<ObjectId>) =
        scope.children(container).iter().copied().partition(|id| {
            matches!(scope.object(*id).near, Some(loko_diagram::Near::Constant(_))) && container.is_none()
        });
    let mut parts: Vec<Piece> = cells.iter().map(|id| unit::with_outside(scope, *id, depth)).collect();
    let sizes: Vec<Size> = parts.iter().map(|part| part.size).collect();
    let horizontal = grid.horizontal_gap.or(grid.gap).unwrap_or(GAP).max(0.0);
    let vertical = grid.vertical_gap.or(grid.gap).unwrap_or(GAP).max(0.0);
    let rows = grid.rows.map(|rows| (rows as usize).clamp(1, MAX_LINES));
    let columns = grid.columns.map(|columns| (columns as usize).clamp(1, MAX_LINES));
    let rects = match (rows, columns) {
        (Some(rows), Some(columns)) => even(&sizes, rows, columns, grid.columns_first, horizontal, vertical),
        (Some(rows), None) => lines(&sizes, rows, horizontal, vertical),
        (None, Some(columns)) => {
            let turned: Vec<Size> = sizes.iter().map(|size| Size::new(size.h, size.w)).collect();
            let rects = lines(&turned, columns, vertical, horizontal);
            rects.into_iter().map(|rect| Rect::new(rect.y, rect.x, rect.h, rect.w)).collect()
        }
        (None, None) => lines(&sizes, 1, horizontal, vertical),
    };
    let mut piece = Piece { loose: scope.edges(container).to_vec(), ..Piece::default() };
    for ((id, rect), part) in cells.iter().zip(rects).zip(parts.drain(..)) {
        piece.size = piece.size.max(Size::new(rect.right(), rect.bottom()));
        let part = stretch(scope, *id, part, rect.size());
        let free = Size::new(rect.w - part.size.w, rect.h - part.size.h);
        piece.absorb(part, Point::new((rect.x + free.w / 2.0).round(), (rect.y + free.h / 2.0).round()));
    }
    if !apart.is_empty() {
        crate::apart::add_around(scope, &mut piece, &apart, depth);
    }
    piece
}

/// Makes a cell as large as its place, unless its size is its own affair.
fn stretch(scope: &Scope<'_>, id: ObjectId, mut part: Piece, to: Size) -> Piece {
    let object = scope.object(id);
    let rigid = object.shape.is_square()
        || matches!(object.shape, Shape::Image | Shape::Person | Shape::C4Person | Shape::Code)
        || (object.shape == Shape::Text && !scope.is_container(id))
        || object.content != Content::None;
    let Some((_, own)) = part.objects.last() else { return part };
    let own = own.rect;
    let w = if rigid || object.width.is_some() { 0.0 } else { (to.w - part.size.w).max(0.0) };
    let h = if rigid || object.height.is_some() { 0.0 } else { (to.h - part.size.h).max(0.0) };
    if w == 0.0 && h == 0.0 {
        return part;
    }
    part.objects.pop();
    let size = Size::new(part.size.w + w, part.size.h + h);
    let mut grown = Piece { size, ..Piece::default() };
    grown.absorb(part, Point::new((w / 2.0).round(), (h / 2.0).round()));
    let rect = Rect::new(own.x, own.y, own.w + w, own.h + h);
    grown.objects.push((id, label::dress(scope, id, rect)));
    grown
}

/// Rows and columns of equal cells; what does not fit makes further rows (or columns).
fn even(sizes: &[Size], rows: usize, columns: usize, down_first: bool, gap_x: f64, gap_y: f64) -> Vec<Rect> {
    let (rows, columns) = if down_first {
        (rows, columns.max(sizes.len().div_ceil(rows)))
    } else {
        (rows.max(sizes.len().div_ceil(columns)), columns)
    };
    let cell = |at: usize| if down_first { (at % rows, at / rows) } else { (at / columns, at % columns) };
    let (mut widths, mut heights) = (vec![0.0f64; columns], vec![0.0f64; rows]);
    for (at, size) in sizes.iter().enumerate() {
        let (row, column) = cell(at);
        heights[row] = heights[row].max(size.h);
        widths[column] = widths[column].max(size.w);
    }
    let starts = |extents: &[f64], gap: f64| -> Vec<f64> {
        let mut starts = vec![0.0];
        extents.iter().for_each(|extent| starts.push(starts[starts.len() - 1] + extent + gap));
        starts
    };
    let (x, y) = (starts(&widths, gap_x), starts(&heights, gap_y));
    (0..sizes.len())
        .map(|at| {
            let (row, column) = cell(at);
            Rect::new(x[column], y[row], widths[column], heights[row])
        })
        .collect()
}

/// Cells in rows of about equal width, each stretched to the widest.
fn lines(sizes: &[Size], count: usize, gap_x: f64, gap_y: f64) -> Vec<Rect> {
    let cuts = cut(sizes, count, gap_x);
    let extent = |row: &[Size]| row.iter().map(|size| size.w).sum::<f64>() + gap_x * (row.len().max(1) - 1) as f64;
    let rows: Vec<&[Size]> = cuts.windows(2).map(|pair| &sizes[pair[0]..pair[1]]).collect();
    let widest = rows.iter().map(|row| extent(row)).fold(0.0, f64::max);
    let mut rects = Vec::with_capacity(sizes.len());
    let mut y = 0.0;
    for row in rows {
        let height = row.iter().map(|size| size.h).fold(0.0, f64::max);
        let more = ((widest - extent(row)) / row.len().max(1) as f64).max(0.0);
        let mut x: f64 = 0.0;
        for (at, size) in row.iter().enumerate() {
            let right = if at + 1 == row.len() { widest } else { (x + size.w + more).round() };
            rects.push(Rect::new(x, y, right - x, height));
            x = right + gap_x;
        }
        y += height + gap_y;
    }
    rects
}

/// Where rows begin (and the end of the last): the most even cut into `count` rows.
fn cut(sizes: &[Size], count: usize, gap: f64) -> Vec<usize> {
    let count = count.min(sizes.len()).max(1);
    let mut before = vec![0.0];
    for size in sizes {
        before.push(before[before.len() - 1] + size.w + gap);
    }
    let target = before[sizes.len()] / count as f64;
    if sizes.len() * sizes.len() * count > EFFORT {
        return greedy_cut(&before, count, target);
    }
    // Least sum of squared deviations from an even share, by dynamic programming.
    let off = |from: usize, to: usize| (before[to] - before[from] - target) * (before[to] - before[from] - target);
    let mut cost = vec![f64::INFINITY; sizes.len() + 1];
    cost[0] = 0.0;
    let mut from: Vec<Vec<usize>> = Vec::new();
    for row in 1..=count {
        let mut next = vec![f64::INFINITY; sizes.len() + 1];
        let mut chosen = vec![0; sizes.len() + 1];
        for to in row..=sizes.len() {
            for (start, before) in cost.iter().enumerate().take(to).skip(row - 1) {
                let sum = before + off(start, to);
                if sum < next[to] - 1e-9 {
                    next[to] = sum;
                    chosen[to] = start;
                }
            }
        }
        cost = next;
        from.push(chosen);
    }
    let mut cuts = vec![sizes.len()];
    for chosen in from.iter().rev() {
        cuts.push(chosen[cuts[cuts.len() - 1]]);
    }
    cuts.reverse();
    cuts
}

fn greedy_cut(before: &[f64], count: usize, target: f64) -> Vec<usize> {
    let last = before.len() - 1;
    let mut cuts = vec![0];
    for row in 1..count {
        let goal = target * row as f64;
        let at = before.partition_point(|sum| *sum < goal).clamp(cuts[row - 1] + 1, last - (count - row));
        cuts.push(at);
    }
    cuts.push(last);
    cuts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_cut_evenly() {
        let sizes: Vec<Size> = [100.0, 20.0, 20.0, 60.0, 100.0].map(|w| Size::new(w, 10.0)).to_vec();
        assert_eq!(cut(&sizes, 3, 0.0), [0, 1, 4, 5]);
        assert_eq!(cut(&sizes, 9, 0.0), [0, 1, 2, 3, 4, 5]);
        let before = [0.0, 100.0, 120.0, 140.0, 200.0, 300.0];
        assert_eq!(greedy_cut(&before, 3, 100.0), [0, 1, 4, 5]);
    }

    #[test]
    fn columns_first_fills_downwards() {
        let sizes = vec![Size::new(10.0, 10.0); 4];
        let rects = even(&sizes, 2, 2, true, 5.0, 5.0);
        assert_eq!((rects[1].x, rects[1].y), (0.0, 15.0));
        let rects = even(&sizes, 2, 2, false, 5.0, 5.0);
        assert_eq!((rects[1].x, rects[1].y), (15.0, 0.0));
    }
}
