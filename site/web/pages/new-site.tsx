// SPDX-License-Identifier: Apache-2.0

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { fromHex, toHex } from "../../../protocol/bytes.js";
import { isSiteId } from "../../../protocol/credential/names.js";
import { post } from "../api.js";
import { handKeys } from "../keys/handed-keys.js";
import { refusing, wrong } from "../keys/refusing.js";
import { type MadeSite, makeSite, type NamedText } from "../keys/root.js";
import { save } from "../parts/files.js";
import { Field, Form } from "../parts/form.js";
import { Heading } from "../parts/heading.js";
import { Banner } from "../parts/notice.js";
import { Steps } from "../parts/steps.js";
import { firstRunWords } from "../words/first-run.js";

/** What the site is called. */
interface Named {
	readonly name: string;
	/** Its identifier in keys, credentials and topics. */
	readonly site: string;
}

/** The first two steps: a site gets its name, and its root, which this browser makes and the server never sees. */
export function NewSite({ secret, onMade }: { secret: string; onMade: () => Promise<void> }): JSX.Element {
	const named = useSignal<Named | undefined>(undefined);
	const made = useSignal<MadeSite | undefined>(undefined);
	const step = named.value === undefined ? "site" : "root";
	const phase = made.value === undefined ? step : "kept";
	useEffect(() => document.querySelector<HTMLElement>("main h1")?.focus(), [phase]);
	return (
		<>
			<Steps at={step} />
			{named.value === undefined ? (
				<NameStep
					onNamed={(now) => {
						named.value = now;
					}}
				/>
			) : made.value === undefined ? (
				<RootStep
					secret={secret}
					site={named.value.site}
					onRoot={(now) => {
						made.value = now;
					}}
				/>
			) : (
				<KeepStep secret={secret} named={named.value} made={made.value} onMade={onMade} />
			)}
		</>
	);
}

function NameStep({ onNamed }: { onNamed: (named: Named) => void }): JSX.Element {
	const t = firstRunWords();
	const name = useSignal("");
	const site = useSignal<string | undefined>(undefined);
	const shown = site.value ?? shortOf(name.value);
	return (
		<>
			<Heading title={t.siteTitle} />
			<p>{t.siteText}</p>
			<Form
				act={t.next}
				reasons={t.reasons}
				onSubmit={async () => {
					if (!isSiteId(shown)) throw wrong("bad-short");
					onNamed({ name: name.value.trim(), site: shown });
				}}
			>
				<Field
					label={t.siteName}
					hint={t.siteNameHint}
					required
					maxLength={100}
					value={name.value}
					onInput={(value) => {
						name.value = value;
					}}
				/>
				<Field
					label={t.short}
					hint={t.shortHint}
					required
					maxLength={8}
					value={shown}
					onInput={(value) => {
						site.value = value;
					}}
				/>
			</Form>
		</>
	);
}

/** `Riverside School` is `RIVERSID`, until a person says else. */
function shortOf(name: string): string {
	return name
		.normalize("NFD")
		.replace(/[^A-Za-z0-9]/g, "")
		.toUpperCase()
		.slice(0, 8);
}

function RootStep({
	secret,
	site,
	onRoot,
}: {
	secret: string;
	site: string;
	onRoot: (made: MadeSite) => void;
}): JSX.Element {
	const t = firstRunWords();
	const passphrase = useSignal("");
	const again = useSignal("");
	const make = async (): Promise<void> => {
		if (passphrase.value !== again.value) throw wrong("unlike");
		const { key, now } = await post<{ key: { publicKey: string }; now: number }>("/api/setup/key", {
			secret,
		});
		const wanted = { site, passphrase: passphrase.value, serverKey: fromHex(key.publicKey), now };
		onRoot(await refusing(() => makeSite(wanted)));
	};
	return (
		<>
			<Heading title={t.rootTitle} />
			<p>{t.rootText}</p>
			<p>{t.rootHere}</p>
			<Form act={t.makeRoot} reasons={t.reasons} onSubmit={make}>
				<Field
					label={t.passphrase}
					hint={t.passphraseHint}
					type="password"
					autocomplete="new-password"
					required
					minLength={10}
					value={passphrase.value}
					onInput={(value) => {
						passphrase.value = value;
					}}
				/>
				<Field
					label={t.passphraseAgain}
					type="password"
					autocomplete="new-password"
					required
					value={again.value}
					onInput={(value) => {
						again.value = value;
					}}
				/>
			</Form>
		</>
	);
}

/** Files are saved and the code is written down before anything believes the root: what is lost then has no door. */
function KeepStep({
	secret,
	named,
	made,
	onMade,
}: {
	secret: string;
	named: Named;
	made: MadeSite;
	onMade: () => Promise<void>;
}): JSX.Element {
	const t = firstRunWords();
	const saved = useSignal<readonly string[]>([]);
	const typed = useSignal("");
	const files = Object.values(made.files);
	const bring = async (): Promise<void> => {
		if (!files.every(({ name }) => saved.value.includes(name))) throw wrong("unsaved");
		if (typed.value.trim().toUpperCase() !== made.code.slice(-5)) throw wrong("mistyped");
		await post("/api/setup/site", { secret, name: named.name, list: toHex(made.lists[0]!) });
		handKeys(made.files.keys);
		await onMade();
	};
	return (
		<>
			<Heading title={t.keepTitle} />
			<p>{t.keepText}</p>
			<ul class="keep">
				{Object.entries(made.files).map(([kind, file]) => (
					<KeptFile
						key={kind}
						file={file}
						text={t.files[kind as keyof MadeSite["files"]]}
						isSaved={saved.value.includes(file.name)}
						onSave={() => {
							saved.value = [...saved.value, file.name];
						}}
					/>
				))}
			</ul>
			<h2>{t.codeTitle}</h2>
			<p>{t.codeText}</p>
			<p class="code">
				<code>{made.code}</code>
			</p>
			<Banner>
				<p>{t.apart}</p>
			</Banner>
			<Form act={t.makeSite} reasons={t.reasons} onSubmit={bring}>
				<Field
					label={t.codeEnd}
					hint={t.codeEndHint}
					required
					maxLength={5}
					autocomplete="off"
					value={typed.value}
					onInput={(value) => {
						typed.value = value;
					}}
				/>
			</Form>
		</>
	);
}

function KeptFile({
	file,
	text,
	isSaved,
	onSave,
}: {
	file: NamedText;
	text: string;
	isSaved: boolean;
	onSave: () => void;
}): JSX.Element {
	const t = firstRunWords();
	return (
		<li>
			<p>
				<strong>{file.name}</strong>: {text}
			</p>
			<button
				type="button"
				onClick={() => {
					save(file);
					onSave();
				}}
			>
				{t.save(file.name)}
			</button>{" "}
			{isSaved && <span class="tag good">{t.saved}</span>}
		</li>
	);
}
