/** What must hold of the machine that deploy/terraform makes. Terraform itself reads it in terraform.integration.test.ts. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { parse } from "@cdktn/hcl2json";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { CHECKOUT, deployFile } from "./deploy-files.ts";

const NAMES = readdirSync(join(CHECKOUT, "deploy", "terraform")).filter((name) => name.endsWith(".tf"));

/** An expression as the parser hands it on. */
const reference = (expression: string) => `\${${expression}}`;

const rule = z.strictObject({
  for_each: z.string().optional(),
  security_group_id: z.literal(reference("aws_security_group.box.id")),
  ip_protocol: z.enum(["tcp", "-1"]),
  from_port: z.union([z.number(), z.string()]).optional(),
  to_port: z.union([z.number(), z.string()]).optional(),
  cidr_ipv4: z.string().optional(),
  cidr_ipv6: z.string().optional(),
});
const block = <T extends z.ZodType>(schema: T) => z.tuple([schema]);
const instance = z.looseObject({
  ami: z.string(),
  user_data: z.literal(reference("local.user_data")),
  instance_initiated_shutdown_behavior: z.literal("stop"),
  vpc_security_group_ids: z.tuple([z.literal(reference("aws_security_group.box.id"))]),
  metadata_options: block(
    z.strictObject({
      http_endpoint: z.literal("enabled"),
      http_tokens: z.literal("required"),
      http_put_response_hop_limit: z.literal(1),
    }),
  ),
  credit_specification: block(z.strictObject({ cpu_credits: z.literal("standard") })),
  root_block_device: block(
    z.looseObject({
      encrypted: z.literal(true),
      volume_type: z.literal("gp3"),
      volume_size: z.literal(reference("var.disk_gb")),
      delete_on_termination: z.literal(false),
    }),
  ),
  lifecycle: block(z.looseObject({ precondition: z.array(z.object({ condition: z.string() })).min(3) })),
});
const variable = z.looseObject({
  description: z.string().regex(/^[A-Z].{20,}\.$/),
  type: z.string(),
  default: z.unknown().optional(),
  validation: z.array(z.object({ condition: z.string(), error_message: z.string().min(20) })).optional(),
});
const main = z.object({
  data: z.object({
    aws_ami: z.object({
      debian: block(z.looseObject({ filter: z.array(z.object({ name: z.string(), values: z.array(z.string()) })) })),
    }),
  }),
  resource: z.strictObject({
    aws_security_group: z.object({ box: block(z.looseObject({ name: z.string() })) }),
    aws_vpc_security_group_ingress_rule: z.strictObject({ web: block(rule), ssh: block(rule) }),
    aws_vpc_security_group_egress_rule: z.record(z.string(), block(rule)),
    aws_instance: z.strictObject({ box: block(instance) }),
    aws_eip: z.object({ box: block(z.looseObject({ count: z.literal(reference("var.keep_address ? 1 : 0")) })) }),
  }),
});

const read = async (name: string): Promise<unknown> => parse(name, deployFile("terraform", name));
const { resource, data } = main.parse(await read("main.tf"));
const { variable: variables } = z
  .object({ variable: z.record(z.string(), block(variable)) })
  .parse(await read("variables.tf"));

describe("the machine", () => {
  test("keeps its metadata to itself, its disk encrypted, and its board when it is destroyed", () => {
    // Each of it is a literal of the schema above; parsing is the proof.
    expect(resource.aws_instance.box).toHaveLength(1);
  });

  test("is arm64, by default one that can build", () => {
    expect(variables["instance_type"]?.[0].default).toBe("t4g.small");
    const { filter } = data.aws_ami.debian[0];
    expect(filter).toContainEqual({ name: "architecture", values: ["arm64"] });
    expect(filter.find(({ name }) => name === "name")?.values).toEqual(["debian-12-arm64-*"]);
    const conditions = resource.aws_instance.box[0].lifecycle[0].precondition.map(({ condition }) => condition).join();
    expect(conditions).toContain("supported_architectures");
    expect(conditions).toContain("memory_size >= 2048");
  });

  test("opens 80 and 443, and only for a portal with a name", () => {
    const { for_each: each = "", from_port: from, to_port: to } = resource.aws_vpc_security_group_ingress_rule.web[0];
    expect([...each.matchAll(/port = (\d+)/g)].map(([, port]) => Number(port))).toEqual([80, 80, 443, 443]);
    expect(each).toContain('if var.domain != ""');
    expect([from, to]).toEqual([reference("each.value.port"), reference("each.value.port")]);
    expect(variables["domain"]?.[0].default).toBe("");
  });

  test("opens SSH to nobody unless a network is named", () => {
    const ssh = resource.aws_vpc_security_group_ingress_rule.ssh[0];
    expect([ssh.for_each, ssh.from_port, ssh.to_port]).toEqual([reference("toset(var.ssh_cidrs)"), 22, 22]);
    expect([variables["ssh_cidrs"]?.[0].default, variables["key_name"]?.[0].default ?? null]).toEqual([[], null]);
  });
});

describe("the parameters", () => {
  test("that a person writes are checked before anything is made", () => {
    const unchecked = Object.entries(variables).filter(([, [{ validation }]]) => validation === undefined);
    // A key pair's name may be anything, and a bool is a bool.
    expect(unchecked.map(([name]) => name).sort()).toEqual(["keep_address", "key_name"]);
  });

  test("name what is cloned; nothing is cloned by default", () => {
    for (const name of ["repository", "ref"]) expect(variables[name]?.[0]).not.toHaveProperty("default");
  });
});

test.each(NAMES)("%s holds no secret", (name) => {
  expect(deployFile("terraform", name)).not.toMatch(
    /AKIA[0-9A-Z]{12}|BEGIN [A-Z ]*PRIVATE|password *=|secret *=|token *=/i,
  );
});

test.each(NAMES)("%s is formatted: two spaces, no tab, nothing at a line's end", (name) => {
  const lines = deployFile("terraform", name).split("\n");
  expect(lines.filter((line) => /\t|\s$/.test(line) || (/^ */.exec(line)?.[0].length ?? 0) % 2 === 1)).toEqual([]);
});
