import { readReceipt } from "../../../../data/receipts.ts";
import { hasFeature, readProfile } from "../../../../profile.ts";
import { parseNumber } from "../../../../view/links.ts";

export const dynamic = "force-dynamic";

interface Context {
  readonly params: Promise<{ readonly number: string }>;
}

/** `{schema, receipt}`, as the page shows it; 404 when there is none, and where the profile has no receipts. */
export async function GET(_request: Request, { params }: Context): Promise<Response> {
  const number = parseNumber((await params).number, "r-");
  const isShown = hasFeature(await readProfile(), "receipts");
  const facts = number === null || !isShown ? null : await readReceipt(number);
  const headers = { "Cache-Control": "no-cache" };
  if (facts === null)
    return Response.json(
      { error: { code: "MUSTER_NOT_FOUND", message: "There is no such receipt." } },
      { status: 404, headers },
    );
  return Response.json({ schema: "muster.receipt/1", receipt: facts.receipt }, { headers });
}
