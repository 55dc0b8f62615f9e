//! From a gathered graph to a board.

use super::attributes::{Attributes, Settings};
use super::checks::find_object;
use super::{Builder, Graph, Link, ObjectAt, ROOT, parse_bool};
use crate::keywords;
use loko_diagram::{
    Arrowhead, ArrowheadShape, Board, Direction, Edge, Grid, Near, NearConstant, Object, ObjectId, Shape, Style, Text,
};
use loko_source::Place;

impl Builder<'_> {
    pub(super) fn write_board(&self, graph: &Graph, name: String) -> Board {
        let root = &graph.nodes[ROOT].attributes;
        let mut board = Board {
            name,
            label: root.text_of_label(),
            shape: root.shape.as_ref().and_then(|shape| Shape::from_d2_name(&shape.text)),
            direction: root.value("direction").and_then(direction),
            grid: self.grid(root),
            style: style(&root.styles),
            ..Board::default()
        };
        let mut ids: Vec<Option<ObjectId>> = vec![None; graph.nodes.len()];
        board.objects.reserve_exact(graph.nodes.len() - 1);
        for at in graph.objects() {
            let object = self.object(graph, at, &board, &ids);
            ids[at] = Some(board.push(object));
        }
        let mut links: Vec<&Link> = graph.links.iter().collect();
        links.sort_by_key(|link| (link.spot.file.index(), link.spot.span.start));
        board.edges.reserve_exact(links.len());
        board.edges.extend(links.into_iter().filter_map(|link| self.edge(graph, link, &ids)));
        board.folder_only = board.objects.is_empty();
        board
    }

    fn place(&self, spot: super::Spot) -> Option<Place> {
        Some(Place::new(self.paths.get(spot.file.index())?.clone(), spot.span))
    }

    fn object(&self, graph: &Graph, at: ObjectAt, board: &Board, ids: &[Option<ObjectId>]) -> Object {
        let node = &graph.nodes[at];
        let parent = node.parent.and_then(|parent| ids[parent]);
        let id = match parent {
            Some(parent) => {
                let above = &board.object(parent).id;
                let mut id = String::with_capacity(above.len() + 1 + node.id.len());
                id.push_str(above);
                id.push('.');
                id.push_str(&node.id);
                id
            }
            None => node.id.to_string(),
        };
        let attributes = &node.attributes;
        let number = |word| attributes.value(word).and_then(|text| text.parse().ok());
        let text = |word| attributes.value(word).map(str::to_owned);
        let constant = |word| attributes.value(word).and_then(NearConstant::parse);
        Object {
            id,
            key: node.name.text.to_string(),
            parent,
            label: attributes.text_of_label().unwrap_or_else(|| Text::plain(node.name.text.as_str())),
            shape: Shape::from_d2_name(attributes.shape()).unwrap_or_default(),
            style: style(&attributes.styles),
            classes: attributes.classes.clone(),
            content: node.content.clone(),
            tooltip: text("tooltip"),
            link: text("link"),
            icon: text("icon"),
            icon_style: style(&attributes.icon_styles),
            near: attributes.value("near").and_then(|near| self.near(graph, near)),
            width: number("width"),
            height: number("height"),
            top: number("top"),
            left: number("left"),
            direction: attributes.value("direction").and_then(direction),
            grid: self.grid(attributes),
            label_near: constant("label.near"),
            icon_near: constant("icon.near"),
            tooltip_near: constant("tooltip.near"),
            scope: node.group.and_then(|group| ids[group]),
            place: node.spot.and_then(|spot| self.place(spot)),
            ..Object::default()
        }
    }

    fn near(&self, graph: &Graph, near: &str) -> Option<Near> {
        match find_object(graph, near) {
            Some(object) => Some(Near::Object(graph.absolute_id(object))),
            None if keywords::NEAR.contains(&near) => NearConstant::parse(near).map(Near::Constant),
            None => None,
        }
    }

    fn edge(&self, graph: &Graph, link: &Link, ids: &[Option<ObjectId>]) -> Option<Edge> {
        let attributes = &link.attributes;
        let text = |word| attributes.value(word).map(str::to_owned);
        let end = |at: ObjectAt| if graph.nodes[at].is_gone { None } else { ids[at] };
        Some(Edge {
            src_arrow: link.source_arrow,
            dst_arrow: link.target_arrow,
            index: link.index,
            label: attributes.text_of_label().unwrap_or_default(),
            style: style(&attributes.styles),
            classes: attributes.classes.clone(),
            src_arrowhead: link.source_head.as_deref().map(arrowhead),
            dst_arrowhead: link.target_head.as_deref().map(arrowhead),
            src_column: link.source_column,
            dst_column: link.target_column,
            tooltip: text("tooltip"),
            link: text("link"),
            icon: text("icon"),
            label_near: attributes.value("label.near").and_then(NearConstant::parse),
            scope: link.group.and_then(|group| ids[group]),
            place: self.place(link.spot),
            ..Edge::new(end(link.source)?, end(link.target)?)
        })
    }

    fn grid(&self, attributes: &Attributes) -> Grid {
        if !attributes.has_grid_values() {
            return Grid::default();
        }
        let gap = |word| attributes.value(word).and_then(|text| text.parse().ok());
        let count = |word| attributes.value(word).and_then(|text| text.parse().ok());
        let start = |word| {
            let spot = attributes.values.get(word)?.origin.spot(self.ir);
            Some((spot.file.index(), spot.span.start))
        };
        Grid {
            rows: count("grid-rows"),
            columns: count("grid-columns"),
            gap: gap("grid-gap"),
            vertical_gap: gap("vertical-gap"),
            horizontal_gap: gap("horizontal-gap"),
            columns_first: match (start("grid-columns"), start("grid-rows")) {
                (Some(columns), Some(rows)) => columns < rows,
                _ => false,
            },
        }
    }
}

fn arrowhead(attributes: &Attributes) -> Arrowhead {
    Arrowhead {
        label: attributes.text_of_label(),
        shape: attributes.shape.as_ref().and_then(|shape| ArrowheadShape::from_d2_name(&shape.text)),
        style: style(&attributes.styles),
    }
}

fn direction(word: &str) -> Option<Direction> {
    match word {
        "down" => Some(Direction::Down),
        "right" => Some(Direction::Right),
        "up" => Some(Direction::Up),
        "left" => Some(Direction::Left),
        _ => None,
    }
}

fn style(settings: &Settings) -> Style {
    let mut style = Style::default();
    for (word, set) in settings.iter() {
        let text = || Some(set.text.to_string());
        let number = || set.text.parse().ok();
        let boolean = || parse_bool(&set.text);
        match word {
            "opacity" => style.opacity = number(),
            "stroke" => style.stroke = text(),
            "fill" => style.fill = text(),
            "fill-pattern" => style.fill_pattern = text(),
            "stroke-width" => style.stroke_width = number(),
            "stroke-dash" => style.stroke_dash = number(),
            "border-radius" => style.border_radius = number(),
            "font-color" => style.font_color = text(),
            "font-size" => style.font_size = number(),
            "font" => style.font = text(),
            "bold" => style.bold = boolean(),
            "italic" => style.italic = boolean(),
            "underline" => style.underline = boolean(),
            "text-transform" => style.text_transform = text(),
            "shadow" => style.shadow = boolean(),
            "multiple" => style.multiple = boolean(),
            "3d" => style.three_d = boolean(),
            "double-border" => style.double_border = boolean(),
            "animated" => style.animated = boolean(),
            "filled" => style.filled = boolean(),
            _ => {}
        }
    }
    style
}
