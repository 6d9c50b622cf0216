/** What Postgres really ran inside a function: the plans of its statements, told by auto_explain. */
import type pg from "pg";
import { z } from "zod";

export interface PlanNode {
  readonly "Node Type": string;
  readonly "Relation Name"?: string | undefined;
  readonly "Index Name"?: string | undefined;
  readonly "Shared Hit Blocks": number;
  readonly "Shared Read Blocks": number;
  readonly Plans?: readonly PlanNode[] | undefined;
}
const node: z.ZodType<PlanNode> = z.looseObject({
  "Node Type": z.string(),
  "Relation Name": z.string().optional(),
  "Index Name": z.string().optional(),
  "Shared Hit Blocks": z.number(),
  "Shared Read Blocks": z.number(),
  get Plans() {
    return z.array(node).optional();
  },
});
const told = z.looseObject({ "Query Text": z.string(), Plan: node });

/**
 * Runs `text` and returns the plan of the one statement within it whose text holds `part`, with its buffers.
 * @param client a superuser's: auto_explain is loaded into its session, and stays off between calls
 * @throws Error unless exactly one statement holds it
 */
export async function nestedPlan(client: pg.Client, text: string, part: string): Promise<PlanNode> {
  const plans: PlanNode[] = [];
  const listen = ({ message = "" }: { readonly message?: string | undefined }) => {
    const [, json] = /^duration: [^{]*plan:\s*(\{.*\})\s*$/s.exec(message) ?? [];
    if (json === undefined) return;
    const { "Query Text": query, Plan } = told.parse(JSON.parse(json));
    if (query.includes(part)) plans.push(Plan);
  };
  await client.query(`load 'auto_explain';
    set auto_explain.log_level = 'notice'; set auto_explain.log_format = 'json'; set auto_explain.log_nested_statements = on;
    set auto_explain.log_analyze = on; set auto_explain.log_buffers = on; set auto_explain.log_min_duration = 0`);
  client.on("notice", listen);
  try {
    await client.query(text);
  } finally {
    client.off("notice", listen);
    await client.query("set auto_explain.log_min_duration = -1");
  }
  const [plan] = plans;
  if (plan === undefined || plans.length > 1) throw new Error(`${plans.length} statements hold: ${part}`);
  return plan;
}

/** The node and all below it. */
export function nodesOf(plan: PlanNode): readonly PlanNode[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
}
