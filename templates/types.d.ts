// The data that the site's scripts read, and what they share: described once, checked by `tsc`, never shipped.
// The values come from `src/site/build/results.rs`, `details.rs`, `attachments.rs` and `project.rs`.

/** A data script's one value, by its key: a page loads it by a script element, as `fetch` is blocked on a disk. */
interface Payloads {
  head: Head;
  clusters: Cluster[];
  search: Found[];
  times: Times;
  [rows: `rows-${number}`]: Names;
  [detail: `detail-${number}`]: [row: number, detail: Detail][];
  [file: `file-${string}`]: Payload;
  [keys: `keys-${string}`]: Keys;
}

// What two launches are compared by; from `src/site/build/compare.rs`.

/** The outcomes of a launch in their order. */
interface Keys {
  /** Ten characters an outcome: of its case, else of its test, and of its parameters. */
  keys: string;
  /** Four characters an outcome: of its name. */
  names: string;
  /** One letter an outcome, as in `Head`. */
  status: string;
  /** One digit to the base of 16 an outcome: muted, flaky, overridden and known by a defect are its bits. */
  flags: string;
  /** The row of each outcome. */
  rows: number[];
  /** The index of each outcome's environment; empty where there is one. */
  env: number[];
  /** The values of the declared variables in each environment. */
  environments: (string | null)[][];
  /** The declared variables. */
  declared: string[];
  /** The names of its jobs, each once. */
  jobs: string[];
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
  /** How far each is after the one before, the first after 0. */
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
  receipt: string;
  /** The launch's folder, as a shell takes it. */
  folder: string;
  /** Names of the files below `results/`. */
  shards: string[];
  /** How many clusters of equal failures there are. */
  clusters: number;
  /** What tells results apart: what each is, its name, and how many values it has. */
  by: [kind: "label" | "param" | "env", key: string, values: number][];
  /** The names of those whom owners, assignees and testers of results are, by their ids. */
  people: [id: string, name: string][];
}

/** Equal failures: what they say, the letter of their status, and their rows. */
type Cluster = [title: string, status: string, rows: number[]];

/** A run of rows, `parent` -1 at the top; `parent` and `first` are told by how far they are from those of the group before, the first from 0.
 * `duration` is in milliseconds. */
type Group = [name: string, parent: number, first: number, rows: number, duration: number];
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
  cases: Case[];
  labels: number[][];
  label_values: Pair[];
  history: number[];
  histories: string[];
  environment: number[];
  environments: string[];
  /** The variables that each of them says. */
  variables: Pair[][];
  attempts: number[];
  /** An index into the head's `shards`, one more; 0 where none is known. */
  shard: number[];
}

/** `today` is how the case's text stands to the executed one: `the same`, or what else. */
type Case = [id: string, href: string, today: string, owner: string, layer: string];

/** One row, put together from its columns. */
interface Row {
  id: string;
  name: string;
  full: string;
  parameters: Pair[];
  duration: number;
  start: number | null;
  case: Case;
  labels: Pair[];
  history: string;
  environment: string;
  variables: Pair[];
  attempts: number;
  shard: number;
}

/** One execution in full; what is empty is left out. */
interface Detail {
  message?: string;
  trace?: string;
  /** What the trace's lines are, run by run: `o` own frames, `l` those of libraries, `.` anything else; as `1.2l1o`. */
  frames?: string;
  expected?: string;
  actual?: string;
  /** They are known as right and left alone. */
  sides?: boolean;
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
  resolution?: [kind: "defect" | "mute", id: string, title: string, owner: string, page: string][];
  category?: string;
  rerun?: [runner: string, line: string][];
  steps_left_out?: number;
}

interface Step {
  name: string;
  status?: Status;
  /** Milliseconds. */
  duration?: number;
  message?: string;
  trace?: string;
  frames?: string;
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

/** A result and what is known of it. */
interface Shown {
  row: number;
  r: Row;
  d: Detail | null;
  status: string;
  path: string[];
  head: Head;
  launch: string;
}
/** What the list gives to the view of one result. */
interface Tools {
  /** The address of a step. */
  link(at: string): string;
  open(at: string): void;
  /** Filters. */
  ask(query: string): void;
  strip(r: Row): Element | null;
  past(history: string): string;
}

/** All attempts of a launch as columns, by start. Times are in milliseconds. */
interface Times {
  /** Since the epoch. */
  first: number;
  span: number;
  lanes: string[];
  /** After the attempt before. */
  starts: number[];
  durations: number[];
  rows: number[];
  lane: number[];
  /** One letter an attempt. */
  status: string;
  /** Indices of earlier attempts of what was tried again. */
  retries: number[];
}

/** What the search box finds; the address of `results` ends with the words. */
type Found = [kind: string, text: string, note: string, href: string, also: string];

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

/** The texts that scripts say, which stand before the first script: by key, each a text or its forms by plural category. */
declare const tallybookTexts: { language: string; texts: Record<string, string | Record<string, string>> };
