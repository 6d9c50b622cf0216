/** What board needs of a Postgres client: pg's Client, PoolClient and Pool all fit. */
export interface Queryable {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
}
