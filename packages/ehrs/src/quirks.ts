/** What differs from plain FHIR R4 at one kind of EHR. A folder says only that. */
export type EhrQuirks = {
  id: string;
  name: string;
  pageSize: number;
  /** Added to the search of a type, e.g. a category that the server demands. */
  search?: Readonly<Partial<Record<string, Readonly<Record<string, string>>>>>;
  /** Types that this kind of server only searches for one patient. */
  patientOnly?: readonly string[];
  /**
   * The server does not sort by `_lastUpdated`: a window is read to its end before its cursor
   * moves.
   */
  unsorted?: boolean;
};

export const plain: Omit<EhrQuirks, 'id' | 'name'> = {
  pageSize: 100,
  search: { Observation: { category: 'survey,social-history,sdoh' } },
};
