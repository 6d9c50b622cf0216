import { EXPORT_COLUMNS, totalsOf } from "../../data/export-columns.ts";
import { readExport } from "../../data/list.ts";
import { toCsv } from "../../view/csv.ts";
import { parseListFilter } from "../../view/list-filter.ts";

export const dynamic = "force-dynamic";

/** The list's rows under the same filters, without pages. A table has no room for words: that it was cut stands in the head of the answer. */
export async function GET(request: Request): Promise<Response> {
  const { rows, matching } = await readExport(parseListFilter(Object.fromEntries(new URL(request.url).searchParams)));
  return new Response(toCsv(rows, EXPORT_COLUMNS), {
    headers: {
      "Content-Type": "text/csv; charset=utf-8",
      "Content-Disposition": 'attachment; filename="tasks.csv"',
      "Cache-Control": "no-store",
      ...totalsOf(rows.length, matching),
    },
  });
}
