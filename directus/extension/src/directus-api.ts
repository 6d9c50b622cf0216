/**
 * The parts of Directus's extension interface that this extension touches (@directus/types 12.4.0), so that the bundle
 * needs no package of Directus at build time. Shapes are Directus's; nothing here is ours.
 */
import type { IncomingMessage, ServerResponse } from "node:http";

/** Who is asking, as Directus's `authenticate` middleware found it; `user` is null for an anonymous caller. */
export interface Accountability {
  readonly user: string | null;
  readonly role: string | null;
  readonly admin: boolean;
}

export interface Request extends IncomingMessage {
  /** Path below the mount point. */
  readonly path: string;
  readonly originalUrl: string;
  /** Parsed query string; only the parameter that is read. */
  readonly query: { readonly nonce?: unknown };
  readonly accountability?: Accountability;
  readonly schema: unknown;
  body?: unknown;
  /** body-parser's mark: the body has been read. */
  _body?: boolean;
}

export interface Response extends ServerResponse {
  status(status: number): Response;
  set(header: string, value: string): Response;
  json(body: unknown): Response;
}

export type Next = (error?: unknown) => void;
type Handler = (req: Request, res: Response, next: Next) => void;

/** An express router or application. */
interface Router {
  get(path: string, handler: Handler): unknown;
  post(path: string, handler: Handler): unknown;
  all(path: string, handler: Handler): unknown;
  use(path: string, handler: Handler): unknown;
}

/** The few moves of knex's query builder that are used; rows come back untyped. */
interface KnexQuery extends PromiseLike<unknown> {
  from(table: string): KnexQuery;
  where(match: Readonly<Record<string, unknown>>): KnexQuery;
  first(column: string): KnexQuery;
  max(column: string): KnexQuery;
}

declare const expression: unique symbol;
interface KnexExpression {
  readonly [expression]: true;
}

export interface Knex {
  withSchema(schema: string): KnexQuery;
  /** An expression to build a query with; each `?` is bound. */
  raw(expression: string, bindings: readonly unknown[]): KnexExpression;
  /** `select <expression> as <name>, …`; resolves to the rows. */
  select(columns: Readonly<Record<string, KnexExpression>>): KnexQuery;
  transaction<T>(run: (trx: Knex) => Promise<T>): Promise<T>;
}

interface ItemsQuery {
  readonly fields: readonly string[];
  readonly filter?: Readonly<Record<string, unknown>>;
  readonly sort?: readonly string[];
  readonly limit?: number;
}

interface MutationOptions {
  /** false: no filter hooks, no action hooks, no flows, no WebSocket events. */
  readonly emitEvents?: boolean;
}

export interface ItemsService {
  readByQuery(query: ItemsQuery, options?: MutationOptions): Promise<readonly unknown[]>;
  updateOne(key: string, data: Readonly<Record<string, unknown>>, options?: MutationOptions): Promise<unknown>;
}

interface ItemsServiceOptions {
  readonly schema: unknown;
  readonly accountability: Accountability | null;
  readonly knex?: Knex;
}

export interface Logger {
  error(error: unknown, message?: string): void;
}

export interface ExtensionContext {
  readonly database: Knex;
  readonly logger: Logger;
  readonly services: { readonly ItemsService: new (collection: string, options: ItemsServiceOptions) => ItemsService };
}

export interface FilterMeta {
  readonly collection?: unknown;
}

interface HookRegistry {
  /** Runs before the event is carried out; what it returns replaces the payload, what it throws refuses the event. */
  filter(event: string, handler: (payload: unknown, meta: FilterMeta) => unknown): void;
  init(event: string, handler: (meta: { readonly app: Router }) => void): void;
  /** `cron` may have a leading field of seconds. */
  schedule(cron: string, handler: () => void): void;
}

export type Hook = (registry: HookRegistry, context: ExtensionContext) => void;
export type Endpoint = (router: Router, context: ExtensionContext) => void;
