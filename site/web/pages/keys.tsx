// SPDX-License-Identifier: Apache-2.0

import { type Signal, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { fromHex, toHex } from "../../../protocol/bytes.js";
import { serverKey } from "../../lib/server-key.js";
import type { TrustModel } from "../../lib/trust/model.js";
import { named, withKey, withRevoked } from "../../lib/trust/next.js";
import { get, post } from "../api.js";
import { refusing, wrong } from "../keys/refusing.js";
import { listsFile, type NamedText, signList } from "../keys/root.js";
import { type ListedKey, listsOf, loadTrust, type Trust } from "../keys/site-lists.js";
import { may } from "../me.js";
import { Dialog } from "../parts/dialog.js";
import { FileField, save } from "../parts/files.js";
import { Choice, Field, Form } from "../parts/form.js";
import { Heading } from "../parts/heading.js";
import { Loaded, useLoaded } from "../parts/loaded.js";
import { Banner, say } from "../parts/notice.js";
import { Table } from "../parts/table.js";
import { Time } from "../parts/time.js";
import { keyWords } from "../words/keys.js";
import { listed } from "../words.js";

/** From so long before its end a server's key is to be renewed, s. */
const SOON_S = 14 * 86_400;

interface Loadable {
	readonly trust: Trust;
	/** The server's clock, s. */
	readonly now: number;
}

async function load(): Promise<Loadable> {
	const [trust, { now }] = await Promise.all([loadTrust(), get<{ now: number }>("/api/site")]);
	return { trust, now };
}

/** What is signed in the dialog. */
type Task = { readonly kind: "renew" } | { readonly kind: "revoke"; readonly key: ListedKey };

/** The trust list in words: who may do what at the doors, and until when; the root signs its next version in this page. */
export function Keys(): JSX.Element {
	const t = keyWords();
	const loaded = useLoaded("keys", load);
	const task = useSignal<Task | undefined>(undefined);
	return (
		<>
			<Heading title={t.title}>
				{may("administrator") && (
					<button
						type="button"
						class="primary"
						onClick={() => {
							task.value = { kind: "renew" };
						}}
					>
						{t.renew}
					</button>
				)}
			</Heading>
			<p>{t.text}</p>
			<Loaded of={loaded}>{(now) => <List {...now} task={task} again={loaded.again} />}</Loaded>
		</>
	);
}

function List({
	trust,
	now,
	task,
	again,
}: Loadable & { task: Signal<Task | undefined>; again: () => Promise<void> }): JSX.Element {
	const t = keyWords();
	const close = (): void => {
		task.value = undefined;
	};
	return (
		<>
			<ServerKeyBanner keys={trust.keys} now={now} />
			<KeyTable keys={trust.keys} task={task} />
			<h2>{t.roots}</h2>
			<p>{t.rootsText}</p>
			<ul>
				{trust.roots.map(({ fingerprint }) => (
					<li key={fingerprint}>
						<code>{fingerprint}</code>
					</li>
				))}
			</ul>
			<h2>{t.list}</h2>
			<p>
				{t.version(trust.version, trust.epoch)} <Time at={secondsOf(trust.issued)} />
				{trust.revoked.length > 0 && ` · ${t.readers(trust.revoked.length)}`}
			</p>
			<p>
				<button type="button" onClick={() => save(listsFile(listsOf(trust)))}>
					{t.saveLists}
				</button>
			</p>
			{task.value !== undefined && (
				<SignDialog task={task.value} trust={trust} now={now} again={again} onClose={close} />
			)}
		</>
	);
}

function secondsOf(iso: string): number {
	return Date.parse(iso) / 1000;
}

/** When the newest good key of the server ends, s; 0: it has none. */
function serverEnd(keys: readonly ListedKey[]): number {
	const own = keys.filter(({ roles, state }) => state === "good" && roles.includes("sync"));
	return Math.max(0, ...own.map(({ until }) => secondsOf(until ?? "")));
}

function ServerKeyBanner({ keys, now }: { keys: readonly ListedKey[]; now: number }): JSX.Element | null {
	const t = keyWords();
	const end = serverEnd(keys);
	if (end > now + SOON_S) return null;
	return (
		<Banner kind={end > now ? "warning" : "bad"}>
			<p>{end > now ? t.endsSoon(Math.floor((end - now) / 86_400)) : t.hasEnded}</p>
		</Banner>
	);
}

function KeyTable({
	keys,
	task,
}: {
	keys: readonly ListedKey[];
	task: Signal<Task | undefined>;
}): JSX.Element {
	const t = keyWords();
	return (
		<Table
			caption={t.caption}
			rows={keys}
			keyOf={({ fingerprint }) => fingerprint}
			columns={[
				{ title: t.fingerprint, cell: ({ fingerprint }) => <code>{fingerprint}</code> },
				{ title: t.may, cell: (key) => <Rights of={key} /> },
				{
					title: t.until,
					cell: ({ until }) => (until === undefined ? t.noEnd : <Time at={secondsOf(until)} />),
				},
				{
					title: t.state,
					cell: ({ state }) => (
						<span class={`tag ${state === "good" ? "good" : state === "stolen" ? "bad" : "warning"}`}>
							{t.states[state]}
						</span>
					),
				},
				{
					title: t.acts,
					cell: (key) =>
						may("administrator") && key.state !== "stolen" ? (
							<div class="acts">
								<button
									type="button"
									aria-label={`${t.revoke}: ${key.fingerprint}`}
									onClick={() => {
										task.value = { kind: "revoke", key };
									}}
								>
									{t.revoke}
								</button>
							</div>
						) : (
							""
						),
				},
			]}
		/>
	);
}

/** What a key may do, a line for each role. */
function Rights({ of: { days, doors, roles } }: { of: ListedKey }): JSX.Element {
	const t = keyWords();
	return (
		<ul class="plain">
			{roles.map((role) => (
				<li key={role}>
					{t.roles[role]}
					{role === "issue" && days !== undefined && ` (${t.days(days)})`}
				</li>
			))}
			{doors !== undefined && <li>{t.doors(listed(doors))}</li>}
		</ul>
	);
}

/** The root's file is opened here, signs, and is forgotten. */
function SignDialog({
	task,
	trust,
	now,
	again,
	onClose,
}: Loadable & { task: Task; again: () => Promise<void>; onClose: () => void }): JSX.Element {
	const t = keyWords();
	const root = useSignal<NamedText | undefined>(undefined);
	const passphrase = useSignal("");
	const how = useSignal<"ended" | "stolen">("ended");
	const sign = async (): Promise<void> => {
		const file = root.value;
		if (file === undefined) throw wrong("no-file");
		const change = await changeOf(task, trust, now, how.value);
		const signed = await refusing(async () => signList(listsOf(trust), file, passphrase.value, change));
		await post("/api/trust", { list: toHex(signed) });
		onClose();
		say(task.kind === "renew" ? t.isRenewed : t.isRevoked);
		await again();
	};
	return (
		<Dialog
			title={task.kind === "renew" ? t.renewTitle : t.revokeTitle(task.key.fingerprint)}
			onClose={onClose}
		>
			<p>{task.kind === "renew" ? t.renewText : t.revokeText}</p>
			<Form
				act={task.kind === "renew" ? t.renew : t.revoke}
				reasons={t.reasons}
				onSubmit={sign}
				extra={
					<button type="button" onClick={onClose}>
						{t.cancel}
					</button>
				}
			>
				{task.kind === "revoke" && (
					<Choice
						label={t.why}
						value={how.value}
						options={[
							["ended", t.whyEnded],
							["stolen", t.whyStolen],
						]}
						onChange={(value) => {
							how.value = value;
						}}
					/>
				)}
				<FileField
					label={t.rootFile}
					hint={t.rootFileHint}
					onFile={(file) => {
						root.value = file;
					}}
				/>
				<Field
					label={t.passphrase}
					type="password"
					autocomplete="off"
					required
					value={passphrase.value}
					onInput={(value) => {
						passphrase.value = value;
					}}
				/>
			</Form>
		</Dialog>
	);
}

async function changeOf(
	task: Task,
	trust: Trust,
	now: number,
	how: "ended" | "stolen",
): Promise<(root: { readonly publicKey: Uint8Array }) => TrustModel> {
	const newest = listsOf(trust).trust;
	if (task.kind === "revoke") {
		const key = named(newest, task.key.fingerprint);
		return ({ publicKey }) => withRevoked(newest, key, { by: publicKey, now, stolen: how === "stolen" });
	}
	const { publicKey } = await post<{ publicKey: string }>("/api/keys/next");
	return () => withKey(newest, serverKey(fromHex(publicKey), now), now);
}
