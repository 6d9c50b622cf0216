import { BOARD_ERRORS } from "../../board/src/errors.ts";
import { RESTORE_FAULTS } from "../../board/src/trail/restore-record.ts";
import { CLI_ERRORS, EXIT } from "../../cli/src/errors/catalog.ts";
import { RAG_ERRORS } from "../../rag/src/errors.ts";
import { GENERATED_NOTICE, markdownTable } from "./table.ts";

export function errorsDocument(): string {
  return `${GENERATED_NOTICE}

# Errors

Codes are permanent. Messages may get better.

## Exit codes of elk-os

${markdownTable(
  ["exit", "name"],
  Object.entries(EXIT).map(([name, exit]) => [String(exit), name]),
)}

130 and 143 follow SIGINT and SIGTERM; the journal is closed before.

## elk-os

${markdownTable(
  ["code", "exit", "what"],
  Object.entries(CLI_ERRORS).map(([code, { exit, title }]) => [code, String(exit), title]),
)}

## What elk-os events verify and receipts verify say of a restore's record

They end with 3. \`docs/claims.md\` says what each means.

${markdownTable(
  ["code", "what"],
  Object.entries(RESTORE_FAULTS).map(([code, what]) => [code, what]),
)}

## The board, through REST, GraphQL and MCP

${markdownTable(
  ["code", "HTTP", "what", "next step"],
  Object.entries(BOARD_ERRORS).map(([code, { status, title, next }]) => [code, String(status), title, next]),
)}

## Search

${markdownTable(
  ["code", "HTTP", "next step"],
  Object.entries(RAG_ERRORS).map(([code, { status, next }]) => [code, String(status), next]),
)}
`;
}
