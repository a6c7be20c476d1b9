// SPDX-License-Identifier: Apache-2.0

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { post } from "../api.js";
import { may } from "../me.js";
import { Form } from "../parts/form.js";
import { Heading } from "../parts/heading.js";
import { Banner, say } from "../parts/notice.js";
import { Table } from "../parts/table.js";
import { go } from "../router.js";
import { shellWords } from "../words/shell.js";
import { fileWords } from "../words/users-files.js";
import { listed } from "../words.js";

/** What the API says of a file. */
interface Looked {
	readonly applied: boolean;
	readonly added: number;
	readonly changed: number;
	readonly same: number;
	readonly wrong: number;
	readonly ignored: readonly string[];
	readonly lines: readonly Line[];
	readonly errors: readonly LineError[];
}

interface Line {
	readonly line: number;
	readonly what: "add" | "change" | "same";
	readonly id: string;
	readonly name: string;
	readonly accessPlans: readonly string[];
}

interface LineError {
	readonly line: number;
	readonly column: string | null;
	readonly reason: string;
	readonly value: string;
}

interface Chosen {
	readonly csv: string;
	readonly looked: Looked;
}

export function UserFiles(): JSX.Element {
	const t = fileWords();
	if (!may("administrator")) return <Heading title={shellWords().notAllowed} />;
	return (
		<>
			<Heading title={t.title} />
			<section class="card" aria-labelledby="export">
				<h2 id="export">{t.exportTitle}</h2>
				<p>{t.exportText}</p>
				<a class="button" href="/api/users/export" download="users.csv">
					{t.download}
				</a>
			</section>
			<section class="card" aria-labelledby="import">
				<h2 id="import">{t.importTitle}</h2>
				<p>{t.importText}</p>
				<Columns />
				<Import />
			</section>
		</>
	);
}

function Columns(): JSX.Element {
	const t = fileWords();
	return (
		<details>
			<summary>{t.columns}</summary>
			<p>{t.columnsText}</p>
			<Table
				caption={t.columns}
				columns={[
					{ title: t.column, cell: ([name]) => <code>{name}</code> },
					{ title: t.means, cell: ([, means]) => means },
				]}
				rows={Object.entries(t.meanings)}
				keyOf={([name]) => name}
			/>
		</details>
	);
}

function Import(): JSX.Element {
	const t = fileWords();
	const file = useSignal<File | undefined>(undefined);
	const chosen = useSignal<Chosen | undefined>(undefined);
	const send = (csv: string, apply: boolean): Promise<Looked> => post("/api/users/import", { csv, apply });
	const look = async (): Promise<void> => {
		chosen.value = undefined;
		if (file.value === undefined) return;
		const csv = await textOf(file.value);
		chosen.value = { csv, looked: await send(csv, false) };
	};
	const apply = async (): Promise<void> => {
		const { csv } = chosen.value!;
		const looked = await send(csv, true);
		// What was good when it was looked at may not be any more.
		if (!looked.applied) {
			chosen.value = { csv, looked };
			return;
		}
		go("/users");
		say(t.applied(looked.added, looked.changed));
	};
	return (
		<>
			<Form act={t.look} onSubmit={look} reasons={t.reasons}>
				<div class="field">
					<label for="file">{t.file}</label>
					<input
						id="file"
						type="file"
						accept=".csv,text/csv"
						required
						onChange={({ currentTarget: { files } }) => {
							file.value = files?.[0];
							chosen.value = undefined;
						}}
					/>
				</div>
			</Form>
			{chosen.value && <Preview looked={chosen.value.looked} apply={apply} />}
		</>
	);
}

/** Spreadsheets that do not write UTF-8 write the coding of Windows. */
async function textOf(file: File): Promise<string> {
	const bytes = await file.arrayBuffer();
	try {
		return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
	} catch {
		return new TextDecoder("windows-1252").decode(bytes);
	}
}

function Preview({ apply, looked }: { apply: () => Promise<void>; looked: Looked }): JSX.Element {
	const t = fileWords();
	const { added, changed, ignored, lines, same, wrong } = looked;
	return (
		<section aria-labelledby="preview">
			<h3 id="preview">{t.preview}</h3>
			<div role="status">
				<p>{wrong > 0 ? t.wrong(wrong) : t.sums(added, changed, same)}</p>
				{ignored.length > 0 && <p>{t.ignored(listed(ignored))}</p>}
			</div>
			{wrong > 0 ? <Errors looked={looked} /> : <Lines looked={looked} />}
			{wrong === 0 && lines.length > 0 && (
				<Form act={t.apply} onSubmit={apply} reasons={t.reasons}>
					{null}
				</Form>
			)}
		</section>
	);
}

function Errors({ looked: { errors, wrong } }: { looked: Looked }): JSX.Element {
	const t = fileWords();
	return (
		<Banner kind="bad">
			<Table
				caption={t.why}
				columns={[
					{ title: t.line, cell: ({ line }) => line },
					{ title: t.column, cell: ({ column }) => column ?? "" },
					{
						title: t.why,
						cell: ({ reason, value }) => (
							<>
								{t.lineReasons[reason] ?? reason} {value !== "" && <code>{value}</code>}
							</>
						),
					},
				]}
				rows={errors}
				keyOf={({ line }) => String(line)}
			/>
			{wrong > errors.length && <p>{t.first(errors.length)}</p>}
		</Banner>
	);
}

function Lines({ looked: { added, changed, lines } }: { looked: Looked }): JSX.Element | null {
	const t = fileWords();
	if (lines.length === 0) return null;
	return (
		<>
			<Table
				caption={t.preview}
				columns={[
					{ title: t.name, cell: ({ name }) => name },
					{ title: t.what, cell: ({ what }) => t.whats[what] },
					{ title: t.plans, isWide: true, cell: ({ accessPlans }) => listed(accessPlans) },
					{ title: t.line, isWide: true, cell: ({ line }) => line },
				]}
				rows={lines}
				keyOf={({ line }) => String(line)}
			/>
			{added + changed > lines.length && <p>{t.first(lines.length)}</p>}
		</>
	);
}
