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
            grid: grid(root),
            style: style(&root.styles),
            ..Board::default()
        };
        let mut ids: Vec<Option<ObjectId>> = vec![None; graph.nodes.len()];
        for at in graph.objects() {
            ids[at] = Some(board.push(self.object(graph, at, &ids)));
        }
        let mut links: Vec<&Link> = graph.links.iter().collect();
        links.sort_by_key(|link| (link.spot.file.index(), link.spot.span.start));
        board.edges = links.into_iter().filter_map(|link| self.edge(graph, link, &ids)).collect();
        board.folder_only = board.objects.is_empty();
        board
    }

    fn place(&self, spot: super::Spot) -> Option<Place> {
        Some(Place::new(self.paths.get(spot.file.index())?.clone(), spot.span))
    }

    fn object(&self, graph: &Graph, at: ObjectAt, ids: &[Option<ObjectId>]) -> Object {
        let node = &graph.nodes[at];
        let attributes = &node.attributes;
        let number = |word| attributes.value(word).and_then(|text| text.parse().ok());
        let text = |word| attributes.value(word).map(str::to_owned);
        let constant = |word| attributes.value(word).and_then(NearConstant::parse);
        Object {
            id: graph.absolute_id(at),
            key: node.name.text.to_string(),
            parent: node.parent.and_then(|parent| ids[parent]),
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
            grid: grid(attributes),
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
            src_arrowhead: link.source_head.as_ref().map(arrowhead),
            dst_arrowhead: link.target_head.as_ref().map(arrowhead),
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

fn grid(attributes: &Attributes) -> Grid {
    let gap = |word| attributes.value(word).and_then(|text| text.parse().ok());
    let count = |word| attributes.value(word).and_then(|text| text.parse().ok());
    let start = |word| attributes.values.get(word).map(|set| (set.spot.file.index(), set.spot.span.start));
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

fn style(styles: &Settings) -> Style {
    if styles.is_empty() {
        return Style::default();
    }
    let text = |word| styles.get(word).map(|set| set.text.to_string());
    let number = |word| styles.get(word).and_then(|set| set.text.parse().ok());
    let boolean = |word| styles.get(word).and_then(|set| parse_bool(&set.text));
    Style {
        opacity: number("opacity"),
        stroke: text("stroke"),
        fill: text("fill"),
        fill_pattern: text("fill-pattern"),
        stroke_width: number("stroke-width"),
        stroke_dash: number("stroke-dash"),
        border_radius: number("border-radius"),
        font_color: text("font-color"),
        font_size: number("font-size"),
        font: text("font"),
        bold: boolean("bold"),
        italic: boolean("italic"),
        underline: boolean("underline"),
        text_transform: text("text-transform"),
        shadow: boolean("shadow"),
        multiple: boolean("multiple"),
        three_d: boolean("3d"),
        double_border: boolean("double-border"),
        animated: boolean("animated"),
        filled: boolean("filled"),
    }
}
