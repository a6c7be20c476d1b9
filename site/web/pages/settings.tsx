// SPDX-License-Identifier: Apache-2.0

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { get, put } from "../api.js";
import { Check, Choice, Field, Form } from "../parts/form.js";
import { Heading } from "../parts/heading.js";
import { Loaded, useLoaded } from "../parts/loaded.js";
import { Banner, say } from "../parts/notice.js";
import { Time } from "../parts/time.js";
import { settingsWords } from "../words/settings.js";
import { shellWords } from "../words/shell.js";
import { MailSection } from "./settings-mail.js";
import { SmsSection } from "./settings-sms.js";
import { TextsSection } from "./settings-texts.js";

const CODES = ["everyone", "visitors"] as const;

interface SiteSettings {
	readonly name: string;
	readonly credentialDays: number;
	readonly codes: (typeof CODES)[number];
	readonly lostByMail: boolean;
}

interface SiteView extends SiteSettings {
	readonly address: { readonly pages: string; readonly links: string | null };
	readonly issues: { readonly days: number; readonly until: number | null } | null;
}

/** What the site is called, what phones get, how messages go out and what they say. */
export function Settings(): JSX.Element {
	const t = settingsWords();
	const site = useLoaded("/api/settings/site", () => get<SiteView>("/api/settings/site"));
	return (
		<>
			<Heading title={shellWords().pages.settings} />
			<section aria-labelledby="site">
				<h2 id="site">{t.site}</h2>
				<Loaded of={site}>
					{(view) => (
						<>
							<Obstacles view={view} />
							<SiteForm view={view} />
						</>
					)}
				</Loaded>
			</section>
			<MailSection />
			<SmsSection />
			<TextsSection />
		</>
	);
}

/** Why nobody can be invited, if that is so. */
function Obstacles({ view: { address, issues } }: { view: SiteView }): JSX.Element {
	const t = settingsWords();
	return (
		<>
			{address.links === null && (
				<Banner kind="bad">
					<p>{t.noHttps}</p>
				</Banner>
			)}
			{issues === null && (
				<Banner kind="bad">
					<p>
						{t.noIssue} <a href="/keys">{shellWords().pages.keys}</a>
					</p>
				</Banner>
			)}
			{address.links?.startsWith("http://") && (
				<Banner>
					<p>{t.onlyHere}</p>
				</Banner>
			)}
		</>
	);
}

function SiteForm({ view }: { view: SiteView }): JSX.Element {
	const t = settingsWords();
	const { address, issues } = view;
	const name = useSignal(view.name);
	const days = useSignal(String(view.credentialDays));
	const codes = useSignal(view.codes);
	const lostByMail = useSignal(view.lostByMail);
	const save = async (): Promise<void> => {
		const body: SiteSettings = {
			...{ name: name.value.trim(), credentialDays: Number(days.value) },
			...{ codes: codes.value, lostByMail: lostByMail.value },
		};
		await put("/api/settings/site", body);
		say(t.saved);
	};
	return (
		<Form act={t.save} onSubmit={save}>
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
				label={t.days}
				hint={issues === null || issues.days === 0 ? t.daysHint : t.daysLimit(issues.days)}
				type="number"
				min={1}
				max={366}
				required
				value={days.value}
				onInput={(value) => {
					days.value = value;
				}}
			/>
			<Choice
				label={t.codes}
				value={codes.value}
				options={CODES.map((one) => [one, t.codesFor[one]] as const)}
				onChange={(value) => {
					codes.value = value;
				}}
			/>
			<Check
				label={t.lostByMail}
				hint={t.lostByMailHint}
				checked={lostByMail.value}
				onChange={(value) => {
					lostByMail.value = value;
				}}
			/>
			<dl>
				<dt>{t.address}</dt>
				<dd>
					<code>{address.links ?? address.pages}</code>
				</dd>
				{issues !== null && issues.until !== null && (
					<>
						<dt>{t.keyUntil}</dt>
						<dd>
							<Time at={issues.until} />
						</dd>
					</>
				)}
			</dl>
		</Form>
	);
}
