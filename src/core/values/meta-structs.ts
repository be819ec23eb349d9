/**
 * Fields of the Go structs of `k8s.io/apimachinery` (v0.34) that pod templates and steps contain, in Go's order and in
 * the notation of `go-json.ts`.
 */
export const META_STRUCTS = {
  ObjectMeta: `
    name?:string generateName?:string namespace?:string selfLink?:string uid?:string resourceVersion?:string
    generation?:int creationTimestamp?:time deletionTimestamp?:*time deletionGracePeriodSeconds?:*int
    labels?:{}string annotations?:{}string ownerReferences?:[]OwnerReference finalizers?:[]string
    managedFields?:[]ManagedFieldsEntry
  `,
  OwnerReference: 'apiVersion:string kind:string name:string uid:string controller?:*bool blockOwnerDeletion?:*bool',
  ManagedFieldsEntry: `
    manager?:string operation?:string apiVersion?:string time?:*time fieldsType?:string fieldsV1?:*raw
    subresource?:string
  `,
  LabelSelector: 'matchLabels?:{}string matchExpressions?:[]LabelSelectorRequirement',
  LabelSelectorRequirement: 'key:string operator:string values?:[]string',
};
