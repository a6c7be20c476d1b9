// SPDX-License-Identifier: Apache-2.0

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { del, get, post, put } from "../api.js";
import { may, ROLES, type Role } from "../me.js";
import { confirm, Dialog } from "../parts/dialog.js";
import { Act, Choice, Field, Form, Several } from "../parts/form.js";
import { Handed } from "../parts/handed.js";
import { Heading } from "../parts/heading.js";
import { Loaded, useLoaded } from "../parts/loaded.js";
import { say } from "../parts/notice.js";
import { type Column, Table } from "../parts/table.js";
import { administratorWords } from "../words/administrators.js";
import { shellWords } from "../words/shell.js";
import { signInReasons } from "../words/sign-in.js";
import { listed } from "../words.js";

interface Administrator {
	readonly id: string;
	readonly name: string;
	readonly role: Role;
	readonly doors: readonly string[] | null;
	readonly state: "active" | "invited";
	readonly login: string;
}

interface Handing {
	readonly name: string;
	readonly link: string;
}

/** Who works on the site; its owners change that. */
export function Administrators(): JSX.Element {
	const t = administratorWords();
	const path = "/api/administrators";
	const all = useLoaded(path, () => get<{ administrators: readonly Administrator[] }>(path));
	const editing = useSignal<Administrator | "new" | undefined>(undefined);
	const handing = useSignal<Handing | undefined>(undefined);
	const hand = (one: Handing): void => {
		handing.value = one;
	};
	const close = (): void => {
		editing.value = undefined;
	};
	return (
		<>
			<Heading title={shellWords().pages.administrators}>
				{may("owner") && (
					<button type="button" class="primary" onClick={() => (editing.value = "new")}>
						{t.invite}
					</button>
				)}
			</Heading>
			<Loaded of={all}>
				{({ administrators }) => (
					<List
						rows={administrators}
						again={all.again}
						onEdit={(one) => {
							editing.value = one;
						}}
						onLink={hand}
					/>
				)}
			</Loaded>
			{editing.value !== undefined && (
				<Edit
					one={editing.value === "new" ? undefined : editing.value}
					onClose={close}
					onDone={async (made) => {
						close();
						if (made?.link !== undefined) hand({ name: made.name, link: made.link });
						else say(t.isSaved);
						await all.again();
					}}
				/>
			)}
			{handing.value !== undefined && (
				<Handed
					title={t.linkTitle(handing.value.name)}
					text={t.linkText}
					value={handing.value.link}
					words={t}
					onClose={() => {
						handing.value = undefined;
					}}
				/>
			)}
		</>
	);
}

function List({
	rows,
	again,
	onEdit,
	onLink,
}: {
	rows: readonly Administrator[];
	again: () => Promise<void>;
	onEdit: (one: Administrator) => void;
	onLink: (made: Handing) => void;
}): JSX.Element {
	const t = administratorWords();
	const columns: Column<Administrator>[] = [
		{ title: t.name, cell: ({ name }) => name },
		{
			title: t.role,
			cell: ({ doors, role }) => (
				<>
					{t.roles[role]}
					{doors !== null && <div class="hint">{listed(doors)}</div>}
				</>
			),
		},
		{ title: t.state, isWide: true, cell: ({ state }) => t.states[state] },
		{ title: t.login, isWide: true, cell: ({ login }) => login },
	];
	const acts: Column<Administrator> = {
		title: t.acts,
		cell: (one) => <Acts one={one} again={again} onEdit={onEdit} onLink={onLink} />,
	};
	return (
		<Table
			caption={t.caption}
			columns={may("owner") ? [...columns, acts] : columns}
			rows={rows}
			keyOf={({ id }) => id}
		/>
	);
}

function Acts({
	one,
	again,
	onEdit,
	onLink,
}: {
	one: Administrator;
	again: () => Promise<void>;
	onEdit: (one: Administrator) => void;
	onLink: (made: Handing) => void;
}): JSX.Element {
	const t = administratorWords();
	const { id, name } = one;
	const remove = async (): Promise<void> => {
		const question = { title: t.removeTitle(name), text: t.removeText, act: t.remove, isGrave: true };
		if (!(await confirm(question))) return;
		await del(`/api/administrators/${id}`);
		say(t.isRemoved(name));
		await again();
	};
	const link = async (): Promise<void> => {
		if (!(await confirm({ title: t.newLinkTitle(name), text: t.newLinkText, act: t.link }))) return;
		onLink({ name, ...(await post<{ link: string }>(`/api/administrators/${id}/link`)) });
	};
	return (
		<div class="acts">
			<button type="button" aria-label={`${t.edit}: ${name}`} onClick={() => onEdit(one)}>
				{t.edit}
			</button>
			<Act kind="plain" label={t.link} about={name} onAct={link} />
			<Act kind="plain" label={t.remove} about={name} reasons={signInReasons()} onAct={remove} />
		</div>
	);
}

/** A new administrator's name, role and doors, or another's. */
function Edit({
	one,
	onClose,
	onDone,
}: {
	one: Administrator | undefined;
	onClose: () => void;
	onDone: (made: { name: string; link?: string } | undefined) => Promise<void>;
}): JSX.Element {
	const t = administratorWords();
	const name = useSignal(one?.name ?? "");
	const role = useSignal<Role>(one?.role ?? "administrator");
	const doors = useSignal<readonly string[]>(one?.doors ?? []);
	const save = async (): Promise<void> => {
		const body = {
			...{ name: name.value, role: role.value },
			...(role.value === "manager" && { doors: doors.value }),
		};
		await onDone(
			one === undefined
				? await post<{ name: string; link: string }>("/api/administrators", body)
				: await put<{ name: string }>(`/api/administrators/${one.id}`, body),
		);
	};
	return (
		<Dialog title={one === undefined ? t.invite : one.name} onClose={onClose}>
			{one === undefined && <p>{t.inviteText}</p>}
			<Form
				act={one === undefined ? t.invite : t.save}
				reasons={signInReasons()}
				onSubmit={save}
				extra={
					<button type="button" onClick={onClose}>
						{t.cancel}
					</button>
				}
			>
				<Field
					label={t.name}
					required
					maxLength={100}
					value={name.value}
					onInput={(value) => {
						name.value = value;
					}}
				/>
				<Choice
					label={t.role}
					value={role.value}
					options={ROLES.map((one) => [one, t.roles[one]] as const)}
					onChange={(value) => {
						role.value = value;
					}}
				/>
				<p class="hint">{`${t.roles[role.value]}: ${t.rolesText[role.value]}`}</p>
				{role.value === "manager" && (
					<Doors
						chosen={doors.value}
						onChange={(chosen) => {
							doors.value = chosen;
						}}
					/>
				)}
			</Form>
		</Dialog>
	);
}

function Doors({
	chosen,
	onChange,
}: {
	chosen: readonly string[];
	onChange: (chosen: readonly string[]) => void;
}): JSX.Element {
	const t = administratorWords();
	const doors = useLoaded("/api/doors", () =>
		get<{ doors: readonly { id: string; name: string }[] }>("/api/doors"),
	);
	return (
		<Loaded of={doors}>
			{({ doors }) =>
				doors.length === 0 ? (
					<p>{t.noDoors}</p>
				) : (
					<Several
						label={t.doors}
						options={doors.map(({ id, name }) => [id, name === "" ? id : name] as const)}
						chosen={chosen}
						onChange={onChange}
					/>
				)
			}
		</Loaded>
	);
}
