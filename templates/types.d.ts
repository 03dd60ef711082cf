// The data that the site's scripts read, and what they share: described once, checked by `tsc`, never shipped.
// The values come from `src/site/build/results.rs`, `details.rs`, `attachments.rs` and `project.rs`.

/** A data script's one value, by its key: a page loads it by a script element, as `fetch` is blocked on a disk. */
interface Payloads {
  head: Head;
  search: Found[];
  [rows: `rows-${number}`]: Names;
  [detail: `detail-${number}`]: [row: number, detail: Detail][];
  [file: `file-${string}`]: Payload;
}

type Status = "failed" | "broken" | "unknown" | "in_progress" | "skipped" | "passed";

/** What the tree of results and filters by status need, whatever the launch's size. Rows count from 0. */
interface Head {
  n: number;
  /** Rows of one chunk of names. */
  rows: number;
  /** One letter a row: `f`, `b`, `u`, `i`, `s`, `p`. */
  status: string;
  /** One letter a row: bits of flags, from `0` on, past `~` by 0x22 more. */
  flags: string;
  unresolved: number[];
  resolved: [kind: "defect" | "mute", id: string, rows: number[]][];
  groups: Group[];
  /** The first row of each chunk of details, and the row after the last. */
  details: number[];
  /** The launches that histories speak of, oldest first. */
  launches: [name: string, day: string, href: string][];
  /** Milliseconds since the epoch. */
  opened: number;
  jobs: string[];
}

/** A run of rows; `parent` is -1 at the top. */
type Group = [name: string, parent: number, first: number, counts: Counts];
/** `duration` is in milliseconds. */
type Counts = [
  total: number, unresolved: number, duration: number,
  failed: number, broken: number, unknown: number, in_progress: number, skipped: number, passed: number,
];

type Pair = [name: string, value: string];

/** Columns over a run of rows; texts that repeat stand in tables. */
interface Names {
  ids: string[];
  names: string[];
  /** An index into `prefixes`, and what follows it; `null` where that is the name. */
  prefix: number[];
  full: (string | null)[];
  prefixes: string[];
  parameters: Pair[][];
  /** Milliseconds; -1 where unknown. */
  duration: number[];
  /** Milliseconds since the launch's start. */
  start: (number | null)[];
  case: number[];
  /** The first is none. */
  cases: [id: string, href: string][];
  labels: number[][];
  label_values: Pair[];
  history: number[];
  histories: string[];
  environment: number[];
  environments: string[];
  attempts: number[];
}

/** One row, put together from its columns. */
interface Row {
  id: string;
  name: string;
  full: string;
  parameters: Pair[];
  duration: number;
  start: number | null;
  case: [id: string, href: string];
  labels: Pair[];
  history: string;
  environment: string;
  attempts: number;
}

/** One execution in full; what is empty is left out. */
interface Detail {
  message?: string;
  trace?: string;
  expected?: string;
  actual?: string;
  description?: string;
  /** The address is empty where it may not be linked. */
  links?: [kind: string, name: string, href: string][];
  attachments?: Attachment[];
  before?: Step[];
  steps?: Step[];
  after?: Step[];
  stdout?: string;
  stderr?: string;
  properties?: Pair[];
  place?: string;
  remarks?: string[];
  retries?: { status: Status; start?: string; duration?: number; detail: Detail }[];
  resolution?: [kind: "defect" | "mute", id: string, title: string, owner: string][];
  category?: string;
  steps_left_out?: number;
}

interface Step {
  name: string;
  status?: Status;
  /** Milliseconds. */
  duration?: number;
  message?: string;
  trace?: string;
  parameters?: Pair[];
  attachments?: Attachment[];
  steps?: Step[];
}

type Attachment = {
  name: string;
  type: string;
  /** Bytes. */
  size: number;
} & (
  | { show: "absent"; why: string }
  /** The path is relative to the project's folder. */
  | { show: "image" | "video" | "audio" | "html" | "text" | "binary"; path: string }
);

/** An attachment that is no image. */
type Payload = { text: string; base64?: undefined } | { text?: undefined; base64: string };

/** What the search box finds. */
type Found = [kind: string, text: string, note: string, href: string];

/** What an element may be given: `null`, `undefined`, `false` and `""` are left out. */
type Child = Node | string | null | undefined | false;
interface Attributes {
  onclick?: (event: MouseEvent) => unknown;
  [name: string]: string | number | boolean | null | undefined | ((event: MouseEvent) => unknown);
}
/** The element that `el("a.row")` makes. */
type Made<W extends string> = W extends `${infer T}.${string}` ? Tagged<T> : Tagged<W>;
type Tagged<T extends string> = T extends keyof HTMLElementTagNameMap ? HTMLElementTagNameMap[T] : HTMLElement;

/** What is wrong with the files behind a preview. */
interface LiveShown {
  headline: string;
  problems: { level: "error" | "warning"; code: string; place: string; message: string; help: string | null }[];
  more: number;
}

/** The state of a preview, as its script hands it over. */
interface LiveState extends LiveShown {
  run: string;
  /** Grows with each rendering. */
  round: number;
  /** The rendering that the site is of. */
  site: number;
}

interface Window {
  tallybookLive?: (state: LiveState) => void;
}
