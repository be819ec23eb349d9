import { META_STRUCTS } from './meta-structs.ts';

/**
 * Fields of every Go struct that a canary step of Argo Rollouts 1.9 can contain, in Go's order and in the notation of
 * `go-json.ts`. Our own optional fields come last in their struct, so that steps without them hash as Argo's do.
 */
export const STEP_STRUCTS = {
  ...META_STRUCTS,
  CanaryStep: `
    setWeight?:*int pause?:*RolloutPause experiment?:*RolloutExperimentStep analysis?:*RolloutAnalysis
    setCanaryScale?:*SetCanaryScale setHeaderRoute?:*SetHeaderRoute setMirrorRoute?:*SetMirrorRoute
    plugin?:*PluginStep
  `,
  RolloutPause: 'duration?:*intOrString untilVerified?:bool timeout?:*intOrString onTimeout?:string',
  RolloutExperimentStep: `
    templates:[]RolloutExperimentTemplate duration?:string analyses?:[]RolloutExperimentStepAnalysisTemplateRef
    dryRun?:[]DryRun analysisRunMetadata:AnalysisRunMetadata scaleDownDelaySeconds?:*int
  `,
  RolloutExperimentTemplate: `
    name:string specRef:string replicas?:*int metadata:PodTemplateMetadata selector?:*LabelSelector weight?:*int
    service?:*TemplateService
  `,
  PodTemplateMetadata: 'labels?:{}string annotations?:{}string',
  TemplateService: 'name?:string',
  RolloutExperimentStepAnalysisTemplateRef: `
    name:string templateName:string clusterScope?:*bool args?:[]AnalysisRunArgument requiredForCompletion?:bool
  `,
  AnalysisRunArgument: 'name:string value?:string valueFrom?:*ArgumentValueFrom',
  ArgumentValueFrom: 'podTemplateHashValue?:*string fieldRef?:*FieldRef',
  FieldRef: 'fieldPath:string',
  DryRun: 'metricName:string',
  AnalysisRunMetadata: 'labels?:{}string annotations?:{}string',
  RolloutAnalysis: `
    templates?:[]AnalysisTemplateRef args?:[]AnalysisRunArgument dryRun?:[]DryRun
    measurementRetention?:[]MeasurementRetention analysisRunMetadata?:*AnalysisRunMetadata
  `,
  AnalysisTemplateRef: 'templateName:string clusterScope?:*bool',
  MeasurementRetention: 'metricName:string limit:int',
  SetCanaryScale: 'weight?:*int replicas?:*int matchTrafficWeight?:bool',
  SetHeaderRoute: 'name?:string match?:[]HeaderRoutingMatch',
  HeaderRoutingMatch: 'headerName:string headerValue:*StringMatch',
  StringMatch: 'exact?:string prefix?:string regex?:string',
  SetMirrorRoute: 'name:string match?:[]RouteMatch percentage?:*int',
  RouteMatch: 'method?:*StringMatch path?:*StringMatch headers?:{}StringMatch',
  PluginStep: 'name:string config?:raw',
};
