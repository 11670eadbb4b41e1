// A roster client as a Go programmer writes it, with the standard library alone.
package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"time"
)

type object = map[string]interface{}

var (
	power, school, client = os.Getenv("POWERSCHOOL"), os.Getenv("SCHOOLOGY"), os.Getenv("CLIENT")
	web                   = &http.Client{
		Timeout:       10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
)

func secret(name string) string {
	text, err := os.ReadFile(filepath.Join(os.Getenv("CREDENTIALS"), name))
	if err != nil {
		log.Fatal(err)
	}
	return string(text)
}

func do(request *http.Request) (*http.Response, []byte) {
	answer, err := web.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		log.Fatal(err)
	}
	if answer.StatusCode >= 400 {
		log.Fatalf("%s %s: %d %s", request.Method, request.URL.Path, answer.StatusCode, body)
	}
	return answer, body
}

func decode(body []byte, out interface{}) {
	if err := json.Unmarshal(body, out); err != nil {
		log.Fatalf("%v: %.200s", err, body)
	}
}

func powerschoolStudents() int {
	var token struct {
		AccessToken string `json:"access_token"`
	}
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {secret("powerschool-id")},
		"client_secret": {secret("powerschool-secret")}}
	request, _ := http.NewRequest("POST", power+"/oauth/access_token", strings.NewReader(form.Encode()))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	_, body := do(request)
	decode(body, &token)
	count, after := 0, "0"
	for {
		var page struct {
			Record []struct {
				Dcid json.RawMessage `json:"dcid"`
			} `json:"record"`
		}
		arguments, _ := json.Marshal(object{"after": after, "school": "312", "termlo": "3500", "termhi": "3599"})
		request, _ := http.NewRequest("POST", power+"/ws/schema/query/org.sisroll.sync.roster.students?pagesize=9",
			bytes.NewReader(arguments))
		request.Header.Set("Authorization", "Bearer "+token.AccessToken)
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Accept", "application/json")
		_, body := do(request)
		decode(body, &page)
		if len(page.Record) == 0 {
			return count
		}
		count += len(page.Record)
		after = strings.Trim(string(page.Record[len(page.Record)-1].Dcid), `"`)
	}
}

func escape(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}

func authorization(method string, target *url.URL) string {
	nonce := make([]byte, 12)
	rand.Read(nonce)
	oauth := map[string]string{"oauth_consumer_key": secret("schoology-key"), "oauth_nonce": hex.EncodeToString(nonce),
		"oauth_signature_method": "HMAC-SHA1", "oauth_timestamp": strconv.FormatInt(time.Now().Unix(), 10),
		"oauth_token": "", "oauth_version": "1.0"}
	var pairs []string
	for name, value := range oauth {
		pairs = append(pairs, escape(name)+"="+escape(value))
	}
	for name, values := range target.Query() {
		for _, value := range values {
			pairs = append(pairs, escape(name)+"="+escape(value))
		}
	}
	sort.Strings(pairs)
	base := method + "&" + escape(target.Scheme+"://"+target.Host+target.Path) + "&" + escape(strings.Join(pairs, "&"))
	mac := hmac.New(sha1.New, []byte(escape(secret("schoology-secret"))+"&"))
	io.WriteString(mac, base)
	header := `OAuth realm=""`
	for name, value := range oauth {
		header += fmt.Sprintf(`,%s="%s"`, name, escape(value))
	}
	return header + fmt.Sprintf(`,oauth_signature="%s"`, escape(base64.StdEncoding.EncodeToString(mac.Sum(nil))))
}

func call(method, path string, body, out interface{}) {
	if !strings.HasPrefix(path, "http") {
		path = school + path
	}
	var content io.Reader
	if body != nil {
		text, _ := json.Marshal(body)
		content = bytes.NewReader(text)
	}
	request, err := http.NewRequest(method, path, content)
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("Authorization", authorization(method, request.URL))
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Content-Type", "application/json")
	answer, text := do(request)
	if answer.StatusCode == http.StatusSeeOther {
		call("GET", answer.Header.Get("Location"), nil, out)
	} else if out != nil {
		decode(text, out)
	}
}

func schoologyUsers() int {
	seen := map[string]bool{}
	for {
		var page struct {
			User []struct {
				UID string `json:"uid"`
			} `json:"user"`
			Links struct {
				Next string `json:"next"`
			} `json:"links"`
		}
		call("GET", fmt.Sprintf("/users?start=%d&limit=5", len(seen)), nil, &page)
		for _, user := range page.User {
			seen[user.UID] = true
		}
		if page.Links.Next == "" {
			return len(seen)
		}
	}
}

type item struct {
	Code json.Number `json:"response_code"`
	ID   json.Number `json:"id"`
}

func everyItemWentWell(items []item, want int) {
	for _, i := range items {
		if i.Code != "200" && i.Code != "201" {
			log.Fatalf("items: %v", items)
		}
	}
	if len(items) != want {
		log.Fatalf("%d items, not %d", len(items), want)
	}
}

func main() {
	var me struct {
		Building json.Number `json:"building_id"`
	}
	var roles struct {
		Role []struct{ ID, Title string } `json:"role"`
	}
	var users struct{ User []item }
	var period, course struct{ ID json.Number }
	var sections struct{ Section []item }
	var imported struct{ Enrollments struct{ Enrollment []item } }
	var members struct{ Enrollment []object }

	students := powerschoolStudents()
	call("GET", "/users/me", nil, &me)
	call("GET", "/roles", nil, &roles)
	var people []object
	for _, role := range roles.Role {
		if kind := map[string]string{"Teacher": "t", "Student": "s"}[role.Title]; kind != "" {
			people = append(people, object{"school_uid": client + "-" + kind, "name_first": "Björn", "name_last": "Nguyễn",
				"username": client + "." + kind, "role_id": role.ID})
		}
	}
	call("POST", "/users?update_existing=1", object{"users": object{"user": people}}, &users)
	everyItemWentWell(users.User, 2)
	call("POST", "/gradingperiods", object{"title": client, "start": "2026-01-05", "end": "2026-06-05"}, &period)
	call("POST", "/courses", object{"title": "Go", "course_code": client, "building_id": me.Building}, &course)
	call("POST", "/courses/"+course.ID.String()+"/sections?update_existing=1", object{"sections": object{"section": []object{
		{"title": "One", "section_school_code": client, "grading_periods": []json.Number{period.ID}}}}}, &sections)
	everyItemWentWell(sections.Section, 1)
	call("POST", "/enrollments/import/course", object{"enrollments": object{"enrollment": []object{
		{"section_school_code": client, "school_uid": client + "-t", "admin": 1},
		{"section_school_code": client, "school_uid": client + "-s", "admin": 0}}}}, &imported)
	everyItemWentWell(imported.Enrollments.Enrollment, 2)
	call("GET", "/sections/"+sections.Section[0].ID.String()+"/enrollments?enrollment_status=1", nil, &members)
	fmt.Printf("students=%d users=%d members=%d", students, schoologyUsers(), len(members.Enrollment))
}
