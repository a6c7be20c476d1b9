// SPDX-License-Identifier: Apache-2.0

import { randomBytes } from "node:crypto";
import { type Static, Type } from "@fastify/type-provider-typebox";
import { PlanDocumentError } from "../../lib/plan/document.js";
import { merged } from "../content.js";
import { COLUMNS, type CsvFile, CsvProblem, readCsv, writeCsv } from "../users/csv.js";
import { type ImportLine, importOf, type LineError } from "../users/import.js";
import { type Api, needs } from "./app.js";
import { Problem } from "./problem.js";
import { orNull } from "./schemas.js";
import type { Site } from "./site.js";

/** Bytes of a request with a file: 20,000 lines of 200 characters. */
const MAX_FILE = 4 * 1024 * 1024;
/** Lines that the answer has; all are counted. */
const MAX_SHOWN = 200;

const Answer = Type.Object({
	applied: Type.Boolean({ description: "false: nothing was changed" }),
	added: Type.Integer(),
	changed: Type.Integer(),
	same: Type.Integer({ description: "Lines that change nothing" }),
	wrong: Type.Integer({ description: "Lines that cannot be taken; while there are any the file is not" }),
	ignored: Type.Array(Type.String(), { description: "Columns of which nothing is taken" }),
	lines: Type.Array(
		Type.Object({
			line: Type.Integer({ description: "In the file, from 1" }),
			what: Type.Enum(["add", "change", "same"]),
			id: Type.String(),
			name: Type.String(),
			accessPlans: Type.Array(Type.String()),
		}),
		{ description: `The first ${MAX_SHOWN} that change something` },
	),
	errors: Type.Array(
		Type.Object({
			line: Type.Integer(),
			column: orNull(Type.String()),
			reason: Type.String({ description: "Stable, for programs" }),
			value: Type.String({ description: "What the cell has, or what the plan's rules say" }),
		}),
		{ description: `The first ${MAX_SHOWN}` },
	),
});
type Answer = Static<typeof Answer>;

export function usersCsv(api: Api, site: Site): void {
	exporting(api, site);
	importing(api, site);
}

function exporting(api: Api, site: Site): void {
	api.get(
		"/api/users/export",
		needs("administrator", {
			tags: ["users"],
			summary: "All people as CSV, as `import` takes it",
			description: "What a spreadsheet would run has an apostrophe before it.",
			response: { 200: Type.String({ description: "text/csv" }) },
		}),
		async (request, reply) => {
			await site.act(request.caller, "export-users");
			return reply
				.type("text/csv; charset=utf-8")
				.header("content-disposition", 'attachment; filename="users.csv"')
				.send(writeCsv(site.planner.content.users));
		},
	);
}

function importing(api: Api, site: Site): void {
	api.post(
		"/api/users/import",
		{
			bodyLimit: MAX_FILE,
			...needs("administrator", {
				tags: ["users"],
				summary: "Says what a file of people would change, or changes it, whole or not at all",
				description: `Columns: ${COLUMNS.join(", ")}; the first line names them. A line is the person's with its \`id\`, else with its e-mail address, else a new one's. A column that the file lacks stays as it is. Nobody is removed, and no credential is taken.`,
				body: Type.Object(
					{
						csv: Type.String({ description: "The file" }),
						apply: Type.Optional(Type.Boolean({ description: "Without: it is only looked at" })),
					},
					{ additionalProperties: false },
				),
				response: { 200: Answer },
			}),
		},
		async (request) => {
			const { apply = false, csv } = request.body;
			const file = fileOf(csv);
			const found = looked(site, file);
			if (!apply || found.errors.length > 0) return answerOf(false, file, found);
			const counts = { added: countOf(found.lines, "add"), changed: countOf(found.lines, "change") };
			// Read again when it is its turn: a phone may have accepted an invitation meanwhile, whose credential is to stay.
			await site.planner.edit(
				(now) => {
					const { errors, lines } = importOf(file.lines, now, newId);
					if (errors.length > 0)
						throw new Problem(
							409,
							"changed-meanwhile",
							"people have changed meanwhile: look at the file again",
						);
					return [{ kind: "users", users: changedOf(lines) }];
				},
				site.action(request.caller, "import-users", undefined, counts),
			);
			return answerOf(true, file, found);
		},
	);
}

const newId = (): string => randomBytes(8).toString("hex");

function fileOf(csv: string): CsvFile {
	try {
		return readCsv(csv);
	} catch (error) {
		if (error instanceof CsvProblem) throw new Problem(422, error.reason, error.message);
		throw error;
	}
}

interface Found {
	readonly lines: readonly ImportLine[];
	readonly errors: readonly LineError[];
}

/** What the file would change; where each line by itself is good, the plan's rules have the last word. */
function looked({ planner }: Site, file: CsvFile): Found {
	const found = importOf(file.lines, planner.content, newId);
	if (found.errors.length > 0) return found;
	const users = changedOf(found.lines);
	try {
		planner.check([{ kind: "users", users }]);
		return found;
	} catch (error) {
		if (!(error instanceof PlanDocumentError)) throw error;
		const [list, at] = error.path;
		const user = list === "users" ? merged(planner.content.users, users)[Number(at)] : undefined;
		const line = found.lines.find((one) => one.user.id === user?.id)?.line;
		// Nothing of the file: the plan itself is not as it has to be.
		if (line === undefined) throw error;
		return { ...found, errors: [{ line, column: undefined, reason: "bad-plan", value: error.message }] };
	}
}

function changedOf(lines: readonly ImportLine[]): ImportLine["user"][] {
	return lines.flatMap(({ user, what }) => (what === "same" ? [] : [user]));
}

function countOf(lines: readonly ImportLine[], what: ImportLine["what"]): number {
	return lines.filter((line) => line.what === what).length;
}

function answerOf(applied: boolean, { ignored }: CsvFile, { errors, lines }: Found): Answer {
	return {
		applied,
		added: countOf(lines, "add"),
		changed: countOf(lines, "change"),
		same: countOf(lines, "same"),
		wrong: errors.length,
		ignored: [...ignored],
		lines: lines
			.filter(({ what }) => what !== "same")
			.slice(0, MAX_SHOWN)
			.map(({ line, user: { entry, id, name }, what }) => ({
				...{ line, what, id, name },
				accessPlans: [...entry.accessPlans],
			})),
		errors: errors.slice(0, MAX_SHOWN).map(({ column, line, reason, value }) => ({
			...{ line, reason, value },
			column: column ?? null,
		})),
	};
}
