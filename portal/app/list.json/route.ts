import { EXPORT_COLUMNS, totalsOf } from "../../data/export-columns.ts";
import { readExport } from "../../data/list.ts";
import { parseListFilter } from "../../view/list-filter.ts";

export const dynamic = "force-dynamic";

/** `{schema, matching, is_cut, tasks}`: the list's rows under the same filters, without pages. */
export async function GET(request: Request): Promise<Response> {
  const { rows, matching } = await readExport(parseListFilter(Object.fromEntries(new URL(request.url).searchParams)));
  const tasks = rows.map((row) =>
    Object.fromEntries(Object.entries(EXPORT_COLUMNS).map(([name, value]) => [name, value(row)])),
  );
  return Response.json(
    { schema: "muster.tasks/1", matching, is_cut: rows.length < matching, tasks },
    { headers: { "Cache-Control": "no-store", ...totalsOf(rows.length, matching) } },
  );
}
