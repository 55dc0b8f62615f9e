// The shapes that the scripts share with what `loko build` writes.

/** Name, kind, technologies, tags, owner, page. */
type LokoElement = [string, string, string[], string[], string | null, string];
/** Id, source, target, kind, description. */
type LokoRelation = [string, string, string, string, string];
interface LokoModel {
  elements: Record<string, LokoElement>;
  relations: LokoRelation[];
}
/** Name, kind, address, where, description, further words, CSS class of the kind. */
type LokoSearchEntry = [string, string, string, string, string, string, string];
/** The same, and the heading below which the prose says it. */
type LokoSearchHit = [...LokoSearchEntry, string];
/** Anchors and texts of headings; for each place its entry and its heading; each word with its places. */
interface LokoSearchWords {
  headings: [string, string][];
  places: number[];
  words: string;
}
/** What each version held, the newest first: places among the rows. */
interface LokoVersion {
  id: string;
  name: string;
  elements: number[];
  relations: number[];
  /** Ids in the version before, and what they are in this one. */
  renamed: [string, string][];
}
interface LokoVersions {
  /** Kind, id, name, and what is said by key. */
  elements: [string, string, string, [string, string][]][];
  /** Source, target, what for, and what is said by key. */
  relations: [string, string, string, [string, string][]][];
  versions: LokoVersion[];
  views: LokoView[];
}
/** A view of which there is a picture of all versions: key, title, and the script with the picture, if the page has none. */
type LokoView = [string, string, string?];
/** Pictures of views with their style sheets. */
declare var lokoVersionPictures: Record<string, [string, string]>;
declare var lokoVersions: LokoVersions;
/** What scripts say, by key. */
declare var lokoWords: Record<string, string>;
declare var lokoModel: LokoModel;
/** How many errors and warnings were found, and how many of each in words. */
declare var lokoFindings: [number, number, string] | undefined;
/** What is behind the tools of drawings; what fills a panel gives back what undoes it. */
declare var lokoTools: Record<'filter' | 'way' | 'copy', (drawing: any, panel: HTMLElement, leave: () => void) => (() => void) | Promise<() => void>> & { steps(drawing: any): void };
/** The rules of a style sheet that name the fonts of pictures, their bytes in them. */
declare var lokoFonts: string;
declare var lokoSearchIndex: LokoSearchEntry[];
declare var lokoSearchWords: LokoSearchWords;
declare var lokoSearch: {
  prepare(entries: LokoSearchEntry[], words?: LokoSearchWords): any;
  find(prepared: any, query: string, limit: number): LokoSearchHit[];
};
