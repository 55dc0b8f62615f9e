//! The fast way for plain queues: requests that visit stations first come first served, with no policy around them.
//!
//! What the general engine keeps for retries, hedges and answers is not needed there, so a request is 40 bytes and an
//! event a few comparisons. Draws have the same keys, so the numbers are those of the general engine; a test holds the
//! two together. Networks with anything else, and runs that record hops and courses, take the general way.

use super::{Cause, Engine, FRAMES_MAX, NONE, Record};
use crate::events::{Event, Kind};
use crate::network::{Arrivals, Cancel, Discipline, Edge, Node, Station};
use crate::random::{Purpose, below, draw};
use loko_policy::{Nanos, Random};

/// A request on its way.
#[derive(Clone, Copy)]
struct Request {
    key: u64,
    started: Nanos,
    arrived: Nanos,
    node: u32,
    source: u32,
}

fn is_plain_edge(edge: &Edge) -> bool {
    let waits = edge.timeout.is_some() || edge.overall.is_some() || edge.latency > 0 || edge.hop.is_some();
    let tries = edge.retry.is_some() || edge.persistence.is_some() || edge.hedge.is_some() || edge.fallback;
    let refuses = edge.breaker.is_some() || edge.bulkhead.is_some() || edge.limit.is_some() || edge.cache.is_some();
    !waits && !tries && !refuses && edge.callers <= 1 && edge.cancel == Cancel::Never
}

fn is_plain_node(node: &Node) -> bool {
    node.station.is_some() && node.failure == 0.0 && node.steps.is_empty() && node.row.is_none() && node.class == 0
}

fn is_plain_station(station: &Station) -> bool {
    let orders = station.discipline == Discipline::Fifo && station.sharding.is_none() && station.copies == 1;
    let changes = station.patience.is_some() || station.scaling.is_some() || station.elastic.is_some();
    orders && !changes && station.batch.is_none() && station.shedding.is_none()
}

impl Engine<'_> {
    /// Whether the fast way does.
    pub(super) fn is_plain(&self) -> bool {
        let network = self.network;
        let poisson = |arrivals: &Arrivals| matches!(arrivals, Arrivals::Open(points) if points.len() == 1);
        let sources = network.sources.iter().all(|source| {
            poisson(&source.arrivals) && source.class == 0 && is_plain_edge(&network.edges[source.edge as usize])
        });
        !self.detail.hops
            && network.faults.is_empty()
            && sources
            && network.nodes.iter().all(is_plain_node)
            && network.stations.iter().all(is_plain_station)
            && self.record.stations.iter().all(|station| station.by_size.is_empty())
    }

    /// Runs to the end, or until `stop` says so. Each station has one place, of the same number.
    pub(super) fn run_plain(mut self, stop: &dyn Fn() -> bool) -> Record {
        let mut requests: Vec<Request> = Vec::new();
        let mut free: Vec<u32> = Vec::new();
        let mut handled = 0u64;
        while let Some(event) = self.events.pop(|_| false) {
            if event.time() > self.span.end || self.overloaded {
                break;
            }
            self.now = event.time();
            match event.kind() {
                Kind::Arrival => {
                    let request = self.new_request(event.slot());
                    let slot = match free.pop() {
                        Some(slot) => {
                            requests[slot as usize] = request;
                            slot
                        }
                        None => {
                            self.overloaded |= requests.len() >= FRAMES_MAX;
                            requests.push(request);
                            requests.len() as u32 - 1
                        }
                    };
                    if !self.reach(&mut requests, slot) {
                        free.push(slot);
                    }
                    self.next_arrival(event.slot());
                }
                Kind::Done => {
                    let slot = event.slot();
                    self.leave_station(&mut requests, slot);
                    if !self.go_on(&mut requests, slot) {
                        free.push(slot);
                    }
                }
                _ => self.warm(),
            }
            handled += 1;
            if handled & 0xFFFF == 0 && stop() {
                self.record.interrupted = true;
                break;
            }
        }
        self.finish(handled)
    }

    #[inline]
    fn new_request(&mut self, source: u32) -> Request {
        let key = self.sources[source as usize].next_key(source);
        let edge = self.network.sources[source as usize].edge as usize;
        if self.now >= self.span.warmup {
            let record = &mut self.record.edges[edge];
            record.calls += 1;
            record.attempts += 1;
            record.sent += 1;
            self.record.sources[source as usize].started += 1;
        }
        let node = self.network.edges[edge].target;
        // The key of the first try of the call.
        Request { key: below(key, 1), started: self.now, arrived: self.now, node, source }
    }

    /// A request reaches its station; false when it is turned away.
    #[inline]
    fn reach(&mut self, requests: &mut [Request], slot: u32) -> bool {
        let request = &mut requests[slot as usize];
        request.arrived = self.now;
        let station = self.network.nodes[request.node as usize].station.unwrap_or(NONE) as usize;
        let counted = self.now >= self.span.warmup;
        self.record.stations[station].arrived += u64::from(counted);
        let here = &mut self.places[station];
        if here.inside >= here.room {
            self.record.stations[station].rejected += u64::from(counted);
            let request = *request;
            self.end_request(&request, Some(Cause::Full));
            return false;
        }
        here.settle(self.now);
        here.inside += 1;
        if here.busy < here.servers {
            here.busy += 1;
            self.work(request, slot, station);
        } else {
            here.waiting += 1;
            here.queues[0].push_back((slot, 0));
        }
        true
    }

    /// A server begins with a request.
    #[inline]
    fn work(&mut self, request: &Request, slot: u32, station: usize) {
        let service = &self.network.nodes[request.node as usize].service;
        let work = service.sample_nanos(&mut draw(request.key, Purpose::Service));
        if self.now >= self.span.warmup {
            let record = &mut self.record.stations[station];
            let waited = self.now - request.arrived;
            record.wait.record(waited);
            record.waited += u64::from(waited > 0);
        }
        self.events.push(Event::new(self.now + work, Kind::Done, 0, slot));
    }

    /// A request gives its server to the next who waits.
    #[inline]
    fn leave_station(&mut self, requests: &mut [Request], slot: u32) {
        let station = self.network.nodes[requests[slot as usize].node as usize].station.unwrap_or(NONE) as usize;
        let here = &mut self.places[station];
        here.settle(self.now);
        here.inside -= 1;
        match here.queues[0].pop_front() {
            Some((next, _)) => {
                here.waiting -= 1;
                let request = requests[next as usize];
                self.work(&request, next, station);
            }
            None => here.busy -= 1,
        }
    }

    /// A request that was served goes to its next station or is over; false when it is over.
    #[inline]
    fn go_on(&mut self, requests: &mut [Request], slot: u32) -> bool {
        let request = &mut requests[slot as usize];
        let node = &self.network.nodes[request.node as usize];
        if !node.next.is_empty() {
            let mut left = draw(request.key, Purpose::Route).unit();
            let chosen = node.next.iter().find(|(chance, _)| {
                left -= chance;
                left < 0.0
            });
            if let Some((_, next)) = chosen {
                request.node = *next;
                request.key = below(request.key, 0x7E57);
                return self.reach(requests, slot);
            }
        }
        let request = *request;
        self.end_request(&request, None);
        false
    }

    #[inline]
    fn end_request(&mut self, request: &Request, failed: Option<Cause>) {
        let took = self.now - request.started;
        let counted = self.now >= self.span.warmup;
        let record = &mut self.record.sources[request.source as usize];
        match failed {
            None => {
                record.last = self.now;
                if counted {
                    record.ok.record(took);
                }
            }
            Some(cause) if counted => {
                record.failed.record(took);
                record.causes[cause as usize] += 1;
                let edge = self.network.sources[request.source as usize].edge as usize;
                self.record.edges[edge].failures += 1;
            }
            Some(_) => {}
        }
    }
}
